import type { Claim, ClaimDetail, ClaimState, Order, Receipt } from "@laurel/contract";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MessageCircleQuestion } from "lucide-react";
import { type FormEvent, useState } from "react";
import { get, post } from "../../api/client.ts";
import { formatDay } from "../../format/time.ts";
import { orderWords } from "../../format/words.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Money } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Bone, Empty, Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { canDecide, meQuery } from "../session/session.ts";
import { OrderChoice } from "./order-choice.tsx";
import { claimPath, claimQuery, claimsQuery, claimWords } from "./queries.ts";

const states = Object.keys(claimWords) as ClaimState[];

/** What ambassadors claim, the one that is due first at the top. */
export function Claims() {
  const search = getRouteApi("/staff/claims").useSearch();
  const state = states.find((each) => each === search.state) ?? "open";
  const listing = useInfiniteQuery(claimsQuery(state));
  return (
    <Page
      title="Claims"
      lead="Orders that ambassadors miss and that could not be answered at once, by the day they are due."
    >
      <Segments
        label="State"
        items={states.map((each) => ({
          text: claimWords[each].label,
          link: { to: "/claims", search: each === "open" ? {} : { state: each } },
          current: each === state,
        }))}
      />
      <Pages
        listing={listing}
        empty={
          <Empty
            title={state === "open" ? "No open claims" : "None so far"}
            icon={<MessageCircleQuestion aria-hidden className="size-6" />}
          >
            Ambassadors ask from their own page. Most are answered at once, by the receipt.
          </Empty>
        }
      >
        {(rows) => (
          <ul className="grid gap-4" aria-label="Claims">
            {rows.map((row) => (
              <li key={row.id}>
                <One claim={row} />
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </Page>
  );
}

function One({ claim }: { claim: Claim }) {
  const [open, setOpen] = useState(false);
  const late = claim.state === "open" && claim.dueOn < new Date().toISOString().slice(0, 10);
  return (
    <article
      aria-label={`Order ${claim.orderNumber}`}
      className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-xl border border-line bg-card p-5"
    >
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h2 className="font-serif text-xl">Order {claim.orderNumber}</h2>
          {late ? <Badge tone="bad">Overdue</Badge> : <StateBadge words={claimWords[claim.state]} />}
          {claim.correctionId && claim.state === "open" && <Badge tone="wait">Waits for a second person</Badge>}
        </div>
        <p className="mt-1 text-[0.9375rem] text-soft">
          {claim.ambassador.name ? (
            <Link to="/ambassadors/$ambassadorId" params={{ ambassadorId: claim.ambassador.id }} className="link">
              {claim.ambassador.name}
            </Link>
          ) : (
            "Somebody who was erased"
          )}
          {" · "}placed on {formatDay(claim.orderedOn)}
          {" · "}
          {claim.decidedAt ? `decided on ${formatDay(claim.decidedAt)}` : `due on ${formatDay(claim.dueOn)}`}
        </p>
        {claim.reason && claim.state !== "open" && <p className="mt-2 max-w-3xl">{claim.reason}</p>}
      </div>
      <Button
        look="outline"
        aria-label={`Look at the claim for order ${claim.orderNumber}`}
        onClick={() => setOpen(true)}
      >
        Look at the claim
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Order ${claim.orderNumber}`}>
        <Detail id={claim.id} onDone={() => setOpen(false)} />
      </Dialog>
    </article>
  );
}

function Detail({ id, onDone }: { id: string; onDone: () => void }) {
  const claim = useQuery(claimQuery(id));
  if (claim.isPending) return <Bone className="h-40 w-full" />;
  if (claim.isLoadingError) return <Failure error={claim.error} retry={() => claim.refetch()} />;
  const { evidence, orders, state, mayDecide, correctionId } = claim.data;
  return (
    <div className="grid gap-4">
      <blockquote className="whitespace-pre-line border-leaf border-l-4 pl-4">
        {evidence?.text ?? <span className="text-soft">What was written was erased.</span>}
        {evidence?.link && (
          <a className="link mt-2 block break-all" href={evidence.link} target="_blank" rel="noreferrer">
            {evidence.link}
          </a>
        )}
      </blockquote>
      {!mayDecide && orders.length > 0 && (
        <section aria-label="Orders of this number">
          <h3 className="mb-1 font-semibold">Orders of this number</h3>
          <ul>
            {orders.map((order) => (
              <li key={order.id}>
                <Found order={order} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {correctionId && state === "open" && (
        <p className="rounded-lg bg-wait-wash px-4 py-3">
          Its correction waits for a second person, under{" "}
          <Link to="/corrections" className="link">
            Corrections
          </Link>
          .
        </p>
      )}
      {mayDecide && <Decide claim={claim.data} onDone={onDone} />}
    </div>
  );
}

const Found = ({ order }: { order: Order }) => (
  <p className="flex flex-wrap items-baseline gap-x-3">
    <Link to="/orders/$orderId" params={{ orderId: order.id }} className="link">
      {formatDay(order.occurredAt)}
    </Link>
    <Money minor={order.grossMinor} currency={order.currency} />
    <span className="text-soft">{orderWords[order.status].label}</span>
    <span className="text-soft">{order.attribution ? "counts for somebody" : "counts for nobody"}</span>
  </p>
);

function Decide({ claim, onDone }: { claim: ClaimDetail; onDone: () => void }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const [orderId, setOrder] = useState<string>(claim.orders[0]?.id ?? "");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState<"" | "approve" | "decline">("");
  const decide = useMutation({
    mutationFn: async (verb: "approve" | "decline") => {
      if (verb === "decline") return post<Claim>(`${claimPath(claim.id)}/decline`, { reason });
      const receipt = await get<Receipt>(`/api/orders/${encodeURIComponent(orderId)}/receipt`);
      const { version } = receipt.order;
      return post<Claim>(`${claimPath(claim.id)}/approve`, { orderId, version, reason });
    },
    onSuccess: ({ state }) => {
      toast(
        state === "approved"
          ? "The order is theirs now. They get a mail."
          : state === "declined"
            ? "Declined. They get a mail with the reason."
            : "It waits for a second person under Corrections.",
      );
      onDone();
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["claims"] });
      void client.invalidateQueries({ queryKey: ["corrections"] });
    },
  });
  if (!canDecide(me)) return null;
  const said = reason.trim().length >= 3;
  const approve = () => {
    setTried("approve");
    if (said && orderId !== "" && !decide.isPending) decide.mutate("approve");
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    approve();
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <OrderChoice
        orders={claim.orders}
        value={orderId}
        onChange={setOrder}
        error={tried === "approve" && orderId === "" ? "To approve it, say which order it is." : undefined}
      />
      <Field
        label="Reason"
        required
        hint="The ambassador reads it in a mail. Nothing about the buyer, or about anybody else."
        error={tried !== "" && !said ? "Say why, in a few words." : undefined}
      >
        {(parts) => (
          <textarea
            {...parts}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={500}
            rows={3}
            className="field-box"
          />
        )}
      </Field>
      {decide.isError && <Failure error={decide.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button
          look="outline"
          busy={decide.isPending && decide.variables === "decline"}
          onClick={() => {
            setTried("decline");
            if (said && !decide.isPending) decide.mutate("decline");
          }}
        >
          Decline
        </Button>
        <Button type="submit" busy={decide.isPending && decide.variables === "approve"}>
          Approve
        </Button>
      </div>
    </form>
  );
}
