import type { Receipt } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Printer } from "lucide-react";
import type { ReactNode } from "react";
import { get } from "../../api/client.ts";
import { Back } from "../../ui/back.tsx";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { CorrectOrder } from "../correction/correct.tsx";
import { Holds, RaiseFlag } from "../flag/holds.tsx";
import { Decision } from "./decision.tsx";
import { Paper } from "./paper.tsx";

const staffRoute = getRouteApi("/staff/orders/$orderId");
const ambassadorRoute = getRouteApi("/ambassador/home/orders/$orderId");

export function StaffReceipt() {
  const { orderId } = staffRoute.useParams();
  return <ReceiptPage orderId={orderId} back={<Back to="/orders">Orders</Back>} />;
}

export function AmbassadorReceipt() {
  const { orderId } = ambassadorRoute.useParams();
  return <ReceiptPage orderId={orderId} back={<Back to="/home">Home</Back>} />;
}

/** How one order was attributed and what it earned: the reasons, and beside them the sums as on a slip of paper. */
function ReceiptPage({ orderId, back }: { orderId: string; back: ReactNode }) {
  const receipt = useQuery({
    queryKey: ["receipt", orderId],
    queryFn: ({ signal }) => get<Receipt>(`/api/orders/${encodeURIComponent(orderId)}/receipt`, {}, signal),
  });
  return (
    <Page
      title="Receipt"
      eyebrow={back}
      actions={
        receipt.data && (
          <>
            <RaiseFlag receipt={receipt.data} />
            <CorrectOrder receipt={receipt.data} />
            <Button look="outline" onClick={() => window.print()}>
              <Printer aria-hidden className="size-4" />
              Print
            </Button>
          </>
        )
      }
    >
      {receipt.isPending ? (
        <SkeletonPage label="Loading the receipt" />
      ) : receipt.isLoadingError ? (
        <Failure error={receipt.error} retry={() => receipt.refetch()} />
      ) : (
        <>
          <p className="mb-9 max-w-3xl text-balance border-leaf border-l-4 pl-5 font-serif text-2xl leading-snug">
            {receipt.data.summary}
          </p>
          <Holds receipt={receipt.data} />
          <div className="grid items-start gap-x-12 gap-y-10 lg:grid-cols-[1fr_25rem] print:block">
            <div className="lg:order-2 print:mb-8">
              <Paper receipt={receipt.data} />
            </div>
            <Decision receipt={receipt.data} />
          </div>
        </>
      )}
    </Page>
  );
}
