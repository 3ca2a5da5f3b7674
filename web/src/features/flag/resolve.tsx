import type { Flag, Job } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { post } from "../../api/client.ts";
import { formatMoney } from "../../format/money.ts";
import { plural } from "../../format/words.ts";
import { toast } from "../../ui/toast.tsx";
import { ReasonDialog } from "./form.tsx";

/** Clears or confirms a flag. Nothing is shown as done before the answer has come: two people may do it at once. */
export function Resolve({
  flag,
  outcome,
  onClose,
}: {
  flag: Flag;
  outcome: "cleared" | "confirmed";
  onClose: () => void;
}) {
  const client = useQueryClient();
  const resolve = useMutation({
    mutationFn: (reason: string) =>
      post<Flag>(`/api/flags/${encodeURIComponent(flag.id)}/resolve`, { outcome, reason }),
    onSuccess: (after) => {
      const ended = flag.held ? "Confirmed. The order counts for nobody now." : "Confirmed.";
      toast(after.state === "cleared" ? "Cleared." : ended);
      void client.invalidateQueries({ queryKey: ["flags"] });
      void client.invalidateQueries({ queryKey: ["receipt"] });
      onClose();
    },
    onError: () => void client.invalidateQueries({ queryKey: ["flags"] }),
  });
  const clears = outcome === "cleared";
  return (
    <ReasonDialog
      title={clears ? "Clear this flag?" : "Confirm this as fraud?"}
      lead={
        clears
          ? flag.otherHolds > 0
            ? `The money stays on hold: something else holds it too.`
            : flag.held
              ? `${formatMoney(flag.held.amountMinor, flag.held.currency)} of ${flag.ambassadorName} goes on as if nothing had happened.`
              : "It holds nothing, so no money changes."
          : `The order stops counting for ${flag.ambassadorName}, and what it earned is taken back. Their other orders are not touched.`
      }
      label="Reason"
      hint="Only the team reads it. Write nothing about the buyer."
      confirm={clears ? "Clear" : "Confirm fraud"}
      look={clears ? "solid" : "danger"}
      busy={resolve.isPending}
      error={resolve.error}
      onClose={onClose}
      onSubmit={(reason) => resolve.mutate(reason)}
    />
  );
}

/** Clears or confirms many flags for one reason; the job's page tells what came of each. */
export function ResolveMany({
  ids,
  outcome,
  onClose,
}: {
  ids: string[];
  outcome: "cleared" | "confirmed";
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const resolve = useMutation({
    mutationFn: (reason: string) => post<{ job: Job }>("/api/flags/bulk", { ids, outcome, reason }),
    onSuccess: ({ job }) => navigate({ to: "/jobs/$jobId", params: { jobId: job.id } }),
  });
  const clears = outcome === "cleared";
  const flags = plural(ids.length, "flag", "flags");
  return (
    <ReasonDialog
      title={clears ? `Clear ${flags}?` : `Confirm ${flags} as fraud?`}
      lead={
        clears
          ? "What they hold goes on as if nothing had happened, unless something else holds it too."
          : "Their orders stop counting for their ambassadors, and what these earned is taken back. Other orders are not touched."
      }
      label="Reason"
      hint="The same for each of them. Only the team reads it. Write nothing about the buyers."
      confirm={clears ? "Clear them" : "Confirm fraud"}
      look={clears ? "solid" : "danger"}
      busy={resolve.isPending}
      error={resolve.error}
      onClose={onClose}
      onSubmit={(reason) => resolve.mutate(reason)}
    />
  );
}
