import type { Job, StartSimulation } from "@laurel/contract";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { post } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Radios } from "../../ui/radios.tsx";
import { Failure } from "../../ui/states.tsx";
import type { RuleSet } from "../program/rules-draft.ts";

/** Begins a trial and leads to where its answer will be. */
export function useTrial() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (wanted: StartSimulation) => post<{ job: Job }>("/api/simulations", wanted),
    onSuccess: ({ job }) =>
      // The rules that were not saved are on the page that this leads to, and can be taken from there.
      navigate({ to: "/simulations/$jobId", params: { jobId: job.id }, ignoreBlocker: true }),
  });
}

const spans = ["30", "90", "180", "365"] as const;
const words: Record<(typeof spans)[number], string> = {
  "30": "30 days",
  "90": "90 days",
  "180": "Half a year",
  "365": "A year",
};

/** Tries rules on the orders of the last days, before they are saved. */
export function TryRules({
  rules,
  ready,
}: {
  rules: Partial<RuleSet> /** False where the rules are not right yet. */;
  ready: () => boolean;
}) {
  const [asking, setAsking] = useState(false);
  const [days, setDays] = useState<(typeof spans)[number]>("90");
  const trial = useTrial();
  return (
    <>
      <Button look="outline" onClick={() => ready() && setAsking(true)}>
        <FlaskConical aria-hidden className="size-4" />
        Try on past orders
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Try these rules on past orders"
        lead="You see what they would have cost, who earns more or less, and which orders change hands. Nothing is changed or saved."
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            // The dialog stands in the page's own form as far as React is concerned.
            event.stopPropagation();
            if (!trial.isPending) trial.mutate({ days: Number(days), rules });
          }}
        >
          <Radios
            legend="How far back"
            choices={spans.map((value) => ({ value, label: words[value] }))}
            value={days}
            onChange={setDays}
          />
          {trial.isError && <Failure error={trial.error} className="mt-4" />}
          <div className="mt-6 flex justify-end gap-2">
            <Button look="outline" onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button type="submit" busy={trial.isPending}>
              Try them
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
