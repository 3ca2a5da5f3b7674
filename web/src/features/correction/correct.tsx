import type { Correction, CorrectionPreview, Receipt } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PencilLine } from "lucide-react";
import { type FormEvent, useState } from "react";
import { look, post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Bone, Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { canReadAudit, meQuery } from "../session/session.ts";
import { EffectTable } from "./effect-table.tsx";
import { receiversQuery } from "./queries.ts";

const nobody = "nobody";

/** The button that opens the correction of an order, for whoever may correct one. */
export function CorrectOrder({ receipt }: { receipt: Receipt }) {
  const { data: me } = useQuery(meQuery);
  const [open, setOpen] = useState(false);
  // The same roles as read the audit: owner, manager and finance.
  if (receipt.audience !== "staff" || receipt.order.status === "merged" || !canReadAudit(me)) return null;
  return (
    <>
      <Button look="outline" onClick={() => setOpen(true)}>
        <PencilLine aria-hidden className="size-4" />
        Correct this order
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Correct this order"
        lead="Say whose it is. It stands, whatever the checkout tells later; another correction undoes it."
      >
        <CorrectForm receipt={receipt} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function CorrectForm({ receipt, onDone }: { receipt: Receipt; onDone: () => void }) {
  const client = useQueryClient();
  const receivers = useQuery(receiversQuery);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const { orderId } = receipt;
  const path = `/api/orders/${encodeURIComponent(orderId)}/corrections`;
  const ambassadorId = chosen === nobody ? null : chosen;
  const preview = useQuery({
    queryKey: ["corrections", "preview", orderId, receipt.order.version, chosen],
    queryFn: ({ signal }) => look<CorrectionPreview>(`${path}/preview`, { ambassadorId }, signal),
    enabled: chosen !== "",
    retry: false,
  });
  const send = useMutation({
    mutationFn: () => post<Correction>(path, { version: preview.data?.version, ambassadorId, reason }),
    onSuccess: ({ state }) => {
      void client.invalidateQueries({ queryKey: ["receipt", orderId] });
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["corrections"] });
      toast(state === "applied" ? "The order is corrected." : "It waits for a second person under Corrections.");
      onDone();
    },
    onError: (error) => {
      // Somebody else was first: show what is true now.
      if (error instanceof ApiError && error.status === 409)
        void client.invalidateQueries({ queryKey: ["receipt", orderId] });
    },
  });
  const wanted = search.trim().toLocaleLowerCase();
  const found = (receivers.data ?? []).filter(
    (each) =>
      wanted === "" || each.name.toLocaleLowerCase().includes(wanted) || each.code.toLowerCase().includes(wanted),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (preview.data && reason.trim().length >= 5 && !send.isPending) send.mutate();
  };
  if (receivers.isPending) return <Bone className="h-40 w-full" />;
  if (receivers.isLoadingError) return <Failure error={receivers.error} retry={() => receivers.refetch()} />;
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Find an ambassador" plain>
        {(parts) => (
          <input
            {...parts}
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            autoComplete="off"
            placeholder="Name or promo code"
            className="field-box"
          />
        )}
      </Field>
      <Field
        label="Whose it is"
        required
        error={tried && chosen === "" ? "Choose somebody, or nobody." : undefined}
        hint={wanted !== "" && found.length === 0 ? "No active ambassador has that name or code." : undefined}
      >
        {(parts) => (
          <select {...parts} value={chosen} onChange={(event) => setChosen(event.target.value)} className="field-box">
            <option value="">Choose</option>
            <option value={nobody}>Nobody</option>
            {receivers.data
              .filter((each) => found.includes(each) || each.id === chosen)
              .map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name} ({each.code})
                </option>
              ))}
          </select>
        )}
      </Field>
      <div aria-live="polite">
        {chosen !== "" && preview.isPending && <Bone className="h-24 w-full" />}
        {preview.isError && <Failure error={preview.error} />}
        {preview.data && <EffectTable preview={preview.data} />}
        {preview.data?.needsApproval && (
          <p className="mt-2 rounded-lg bg-wait-wash px-4 py-3 text-[0.9375rem]">
            This moves more than one person may alone. It waits until somebody else has approved it.
          </p>
        )}
      </div>
      <Field
        label="Reason"
        required
        hint="It stands on the receipt, where whoever has the order then reads it. Nothing about the buyer."
        error={tried && reason.trim().length < 5 ? "Say why, in a few words." : undefined}
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
      {send.isError && <Failure error={send.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" busy={send.isPending}>
          {preview.data?.needsApproval ? "Propose" : "Correct"}
        </Button>
      </div>
    </form>
  );
}
