import type { Application } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { post } from "../../api/client.ts";
import { asApiError } from "../../api/problem.ts";
import { Button } from "../../ui/button.tsx";
import { TimeLeft, useTimeLeft } from "../../ui/time-left.tsx";
import { toast } from "../../ui/toast.tsx";
import { forget, type Recent } from "./recent.ts";

/** Undoes one decision; what went wrong is said, and everything on show is read again either way. */
export function useUndo() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, decidedAt }: Pick<Recent, "id" | "name" | "decidedAt">) =>
      post<Application>(`/api/applications/${encodeURIComponent(id)}/undo`, { decidedAt }),
    onSuccess: (_, { name }) => toast(`The decision about ${name} is undone.`),
    onError: (error) => toast(asApiError(error).message, "bad"),
    onSettled: (_, error, { id }) => {
      // A conflict is an end; anything else may be tried again.
      if (!error || asApiError(error).status === 409) forget(id);
      for (const queryKey of [["applications"], ["application", id], ["ambassadors"], ["ambassador"]])
        void client.invalidateQueries({ queryKey });
    },
  });
}

/** Undo for as long as it can be done, with the time that is left. */
export function UndoButton({ recent, look = "outline" }: { recent: Recent; look?: "outline" | "quiet" }) {
  const left = useTimeLeft(recent.until);
  const undo = useUndo();
  if (left === 0) return null;
  return (
    <Button look={look} busy={undo.isPending} onClick={() => undo.mutate(recent)}>
      <Undo2 aria-hidden className="size-4" />
      <span>
        Undo
        <span className="sr-only">
          : {recent.name} {recent.outcome}
        </span>
      </span>
      <TimeLeft ms={left} />
    </Button>
  );
}

/** The latest decisions of this visit, while they can be undone. */
export function UndoBar({ recents }: { recents: readonly Recent[] }) {
  if (recents.length === 0) return null;
  return (
    <ul aria-label="Decisions that can be undone" className="mb-4 space-y-2">
      {recents.map((recent) => (
        <UndoLine key={recent.id} recent={recent} />
      ))}
    </ul>
  );
}

function UndoLine({ recent }: { recent: Recent }) {
  if (useTimeLeft(recent.until) === 0) return null;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-lg border border-line bg-card py-1.5 pr-2 pl-4 shadow-card">
      <span className="text-[0.9375rem]">
        <span className="font-semibold">{recent.name}</span> {recent.outcome}.
      </span>
      <UndoButton recent={recent} look="quiet" />
    </li>
  );
}
