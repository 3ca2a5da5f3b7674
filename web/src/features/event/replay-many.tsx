import type { Job } from "@laurel/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { post } from "../../api/client.ts";
import { plural } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Failure } from "../../ui/states.tsx";
import { eventCountQuery, type filterOf } from "./queries.ts";

/** Asks how many are meant, then has all of them decided again, and leads to the job that does it. */
export function ReplayMany({ filter }: { filter: ReturnType<typeof filterOf> }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const counted = useQuery({ ...eventCountQuery(filter), enabled: asking });
  const replay = useMutation({
    mutationFn: () => post<{ job: Job }>("/api/events/replay", filter),
    onSuccess: ({ job }) => void navigate({ to: "/jobs/$jobId", params: { jobId: job.id } }),
  });
  const close = () => {
    setAsking(false);
    replay.reset();
  };
  return (
    <>
      <Button look="outline" onClick={() => setAsking(true)}>
        <RotateCcw aria-hidden className="size-4" />
        Replay these…
      </Button>
      <Dialog
        open={asking}
        onClose={close}
        title="Replay these events?"
        lead="Each of them is decided again from what the checkout sent, as Laurel reads it now. Nothing is counted twice."
      >
        {counted.isError ? (
          <Failure error={counted.error} retry={() => counted.refetch()} />
        ) : (
          <p role="status">{counted.isFetching ? "Counting them…" : sentence(counted.data)}</p>
        )}
        {replay.isError && <Failure error={replay.error} className="mt-4" />}
        <div className="mt-6 flex flex-wrap justify-end gap-2">
          <Button look="outline" onClick={close}>
            Cancel
          </Button>
          {counted.data?.all && counted.data.count > 0 && !counted.isFetching && (
            <Button busy={replay.isPending} onClick={() => replay.mutate()}>
              Replay {plural(counted.data.count, "event", "events")}
            </Button>
          )}
        </div>
      </Dialog>
    </>
  );
}

function sentence(counted: { count: number; all: boolean } | undefined): string {
  if (!counted) return "";
  if (!counted.all)
    return "These are more than 2,000. Choose a shorter time, or one status, and replay them part by part.";
  if (counted.count === 0)
    return "What these said is no longer kept: that is deleted after 14 days, or 28 where a person is needed.";
  return `${plural(counted.count, "event meets", "events meet")} the filter, of the last 28 days. You will see what becomes of each.`;
}
