import type { Correction, CorrectionState } from "@laurel/contract";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { type FormEvent, useState } from "react";
import { post } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Money, Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Bone, Empty, Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { canReadAudit, meQuery } from "../session/session.ts";
import { EffectTable } from "./effect-table.tsx";
import { correctionPath, correctionQuery, correctionsQuery } from "./queries.ts";

const states: [CorrectionState, string][] = [
  ["proposed", "Waiting"],
  ["applied", "Made"],
  ["rejected", "Rejected"],
];

/** Corrections by hand: those that wait for a second person, and those that were decided. */
export function Corrections() {
  const search = getRouteApi("/staff/corrections").useSearch();
  const state = states.find(([each]) => each === search.state)?.[0] ?? "proposed";
  const listing = useInfiniteQuery(correctionsQuery(state));
  return (
    <Page
      title="Corrections"
      lead="Orders that somebody gave to somebody else. What moves much waits for a second person."
    >
      <Segments
        label="State"
        items={states.map(([each, text]) => ({
          text,
          link: { to: "/corrections", search: each === "proposed" ? {} : { state: each } },
          current: each === state,
        }))}
      />
      <Pages
        listing={listing}
        empty={
          <Empty
            title={state === "proposed" ? "Nothing waits" : "None so far"}
            icon={<Scale aria-hidden className="size-6" />}
          >
            An order is corrected from its receipt, under Orders.
          </Empty>
        }
      >
        {(rows) => (
          <ul className="grid gap-4" aria-label="Corrections">
            {rows.map((row) => (
              <li key={row.id}>
                <Card correction={row} />
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </Page>
  );
}

function Card({ correction }: { correction: Correction }) {
  const { from, to, orderId, orderNumber } = correction;
  const name = (side: Correction["from"]) => (side ? (side.name ?? "somebody who was erased") : "nobody");
  const order = orderNumber ? `Order ${orderNumber}` : "This order";
  return (
    <article className="rounded-xl border border-line bg-card p-5">
      <h2 className="font-serif text-xl">
        <Link to="/orders/$orderId" params={{ orderId }} className="underline decoration-line underline-offset-4">
          {order}
        </Link>
        : from {name(from)} to {name(to)}
      </h2>
      <p className="mt-2">{correction.reason}</p>
      <p className="mt-1 text-soft text-sm">
        {correction.proposedBy.name ?? "Somebody"}, <Time at={correction.proposedAt} />, about{" "}
        <Money minor={correction.stakeMinor} currency={correction.currency} />
        {correction.claimId && " and for a claim"}
      </p>
      {correction.decidedBy && (
        <p className="mt-1 text-soft text-sm">
          {correction.state === "applied" ? "Approved" : "Rejected"} by {correction.decidedBy.name ?? "somebody"}
          {correction.note && `: ${correction.note}`}
        </p>
      )}
      {correction.state === "proposed" && <Decide correction={correction} />}
    </article>
  );
}

function Decide({ correction }: { correction: Correction }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const detail = useQuery(correctionQuery(correction.id));
  const [rejecting, setRejecting] = useState(false);
  const approve = useMutation({
    mutationFn: () =>
      post<Correction>(`${correctionPath(correction.id)}/approve`, { version: detail.data?.preview?.version }),
    onSuccess: () => toast("The order is corrected."),
    onError: (error) => toast(error.message, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["corrections"] }),
  });
  if (detail.isPending) return <Bone className="mt-4 h-24 w-full" />;
  if (detail.isLoadingError) return <Failure className="mt-4" error={detail.error} retry={() => detail.refetch()} />;
  const { preview, overtaken } = detail.data;
  return (
    <div className="mt-4 max-w-lg">
      {preview && <EffectTable preview={preview} />}
      {overtaken && <p className="rounded-lg bg-wait-wash px-4 py-3">{overtaken}</p>}
      {canReadAudit(me) && (
        <>
          {!correction.mayApprove && (
            <p className="mt-3 text-soft text-sm">
              Somebody else has to approve it: you proposed it, or it is about you.
            </p>
          )}
          <div className="mt-4 flex flex-wrap gap-2">
            {correction.mayApprove && preview && (
              <Button busy={approve.isPending} onClick={() => approve.mutate()}>
                Approve
              </Button>
            )}
            <Button look="outline" onClick={() => setRejecting(true)}>
              Reject
            </Button>
          </div>
          <Dialog
            open={rejecting}
            onClose={() => setRejecting(false)}
            title="Reject this correction"
            lead="The order stays as it is. A claim that asked for it is open again."
          >
            <RejectForm id={correction.id} onDone={() => setRejecting(false)} />
          </Dialog>
        </>
      )}
    </div>
  );
}

function RejectForm({ id, onDone }: { id: string; onDone: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const send = useMutation({
    mutationFn: () => post<Correction>(`${correctionPath(id)}/reject`, { note }),
    onSuccess: () => {
      toast("The correction is rejected.");
      void client.invalidateQueries({ queryKey: ["corrections"] });
      void client.invalidateQueries({ queryKey: ["claims"] });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (note.trim().length >= 3 && !send.isPending) send.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Why" required error={tried && note.trim().length < 3 ? "Say why, in a few words." : undefined}>
        {(parts) => (
          <textarea
            {...parts}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            maxLength={500}
            rows={3}
            className="field-box"
          />
        )}
      </Field>
      {send.isError && <Failure error={send.error} />}
      <div className="flex justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" look="danger" busy={send.isPending}>
          Reject
        </Button>
      </div>
    </form>
  );
}
