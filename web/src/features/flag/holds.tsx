import type { Flag, Receipt } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Flag as FlagIcon, Hourglass } from "lucide-react";
import { useState } from "react";
import { post } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Time } from "../../ui/figures.tsx";
import { toast } from "../../ui/toast.tsx";
import { canReadAudit, meQuery } from "../session/session.ts";
import { ReasonDialog } from "./form.tsx";

/** What keeps the money of an order from going on. Its ambassador reads that it is being checked, and until when. */
export function Holds({ receipt }: { receipt: Receipt }) {
  const { holds, audience } = receipt;
  if (holds.length === 0) return null;
  const staff = audience === "staff";
  const whose = receipt.candidates.find(({ outcome }) => outcome === "won")?.ambassadorId;
  return (
    <section aria-label="On hold" className="mb-9 max-w-3xl rounded-xl border border-wait/40 bg-wait-wash px-5 py-4">
      <h2 className="flex items-center gap-2 font-semibold">
        <Hourglass aria-hidden className="size-4 shrink-0 text-wait" />
        {staff ? "Held because" : "On hold"}
      </h2>
      <ul className="mt-1.5 space-y-1 text-[0.9375rem]">
        {holds.map(({ reason, sentence, since, until }) => (
          <li key={reason + since}>
            {sentence}
            {until ? (
              <>
                {staff ? ". It expires on " : " until "}
                <Time at={until} as="day" />
                {staff ? "." : " at the latest."}
              </>
            ) : (
              "."
            )}
          </li>
        ))}
      </ul>
      {staff && holds.some(({ reason }) => reason.startsWith("flag:")) && (
        <Link
          to="/flags"
          search={whose ? { ambassadorId: whose } : {}}
          className="link mt-2 inline-block text-[0.9375rem]"
        >
          Look at the flags
        </Link>
      )}
      {staff && holds.some(({ reason }) => reason.startsWith("early_fraud_warning:")) && (
        <ClearWarnings orderId={receipt.orderId} />
      )}
    </section>
  );
}

/** Ends a warning of the card's issuer, which nothing else ends, for those who may. */
function ClearWarnings({ orderId }: { orderId: string }) {
  const { data: me } = useQuery(meQuery);
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const clear = useMutation({
    mutationFn: (reason: string) =>
      post<Receipt>(`/api/orders/${encodeURIComponent(orderId)}/clear-warnings`, { reason }),
    onSuccess: () => {
      toast("Cleared. The money goes on, unless something else holds it.");
      void client.invalidateQueries({ queryKey: ["receipt", orderId] });
      setOpen(false);
    },
  });
  if (!canReadAudit(me)) return null;
  return (
    <div className="mt-3">
      <Button look="outline" onClick={() => setOpen(true)}>
        Clear the warning
      </Button>
      {open && (
        <ReasonDialog
          title="Clear the warning?"
          lead="What the order earns goes on, unless something else holds it. A dispute that follows takes it back."
          label="Why it may go on"
          hint="Only the team reads it. Write nothing about the buyer."
          confirm="Clear"
          busy={clear.isPending}
          error={clear.error}
          onClose={() => setOpen(false)}
          onSubmit={(reason) => clear.mutate(reason)}
        />
      )}
    </div>
  );
}

/** Flags an order by hand, for those who may. */
export function RaiseFlag({ receipt }: { receipt: Receipt }) {
  const { data: me } = useQuery(meQuery);
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const raise = useMutation({
    mutationFn: (reason: string) => post<Flag>(`/api/orders/${encodeURIComponent(receipt.orderId)}/flags`, { reason }),
    onSuccess: () => {
      toast("Flagged. What the order earns is on hold.");
      void client.invalidateQueries({ queryKey: ["receipt", receipt.orderId] });
      void client.invalidateQueries({ queryKey: ["flags"] });
      setOpen(false);
    },
  });
  const { commission, audience } = receipt;
  if (audience !== "staff" || !canReadAudit(me) || !commission || commission.state === "reversed") return null;
  return (
    <>
      <Button look="outline" onClick={() => setOpen(true)}>
        <FlagIcon aria-hidden className="size-4" />
        Flag
      </Button>
      {open && (
        <ReasonDialog
          title="Flag this order?"
          lead="What it earns is held until somebody clears or confirms the flag, or until it expires. Somebody else has to confirm it."
          label="What looks wrong"
          hint="Only the team reads it. Write nothing about the buyer."
          confirm="Flag"
          busy={raise.isPending}
          error={raise.error}
          onClose={() => setOpen(false)}
          onSubmit={(reason) => raise.mutate(reason)}
        />
      )}
    </>
  );
}
