import type { Code, Flag } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCcw } from "lucide-react";
import { useState } from "react";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage, plural } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { programQuery } from "../program/queries.ts";
import { wholeOf } from "../program/rules-draft.ts";
import { canDecide, meQuery } from "../session/session.ts";

interface Replaced {
  ambassadorId: Flag["ambassadorId"];
  code: string;
  /** Where a checkout does not take it: then there is nothing that could go on for some days. */
  failed?: boolean;
}

/** Replaces a code that leaked or failed, for those who may. */
export function RotateCode({ ambassadorId, code, failed = false }: Replaced) {
  const { data: me } = useQuery(meQuery);
  const [open, setOpen] = useState(false);
  if (!canDecide(me) || me?.ambassador?.id === ambassadorId) return null;
  return (
    <>
      <Button look="outline" aria-label={`Replace code ${code}`} onClick={() => setOpen(true)}>
        <RefreshCcw aria-hidden className="size-4" />
        Replace code
      </Button>
      {open && <Rotate ambassadorId={ambassadorId} code={code} failed={failed} onClose={() => setOpen(false)} />}
    </>
  );
}

function Rotate({ ambassadorId, code, failed, onClose }: Required<Replaced> & { onClose: () => void }) {
  const client = useQueryClient();
  const program = useQuery(programQuery);
  const [days, setDays] = useState<string>();
  const shown = days ?? String(program.data?.fraud.graceDays ?? 3);
  const grace = failed ? 0 : wholeOf(shown);
  const own = grace >= 0 && grace <= 60 ? undefined : "is a whole number from 0 to 60";
  const rotate = useMutation({
    mutationFn: () =>
      post<Code>(`/api/ambassadors/${encodeURIComponent(ambassadorId)}/rotate-code`, {
        code,
        graceDays: grace,
      }),
    onSuccess: (next) => {
      const until = grace === 0 ? `${code} has ended.` : `${code} works for ${plural(grace, "more day", "more days")}.`;
      toast(`The new code is ${next.code}. ${until} Its owner is told by mail.`);
      void client.invalidateQueries({ queryKey: ["ambassador"] });
      void client.invalidateQueries({ queryKey: ["flags"] });
      onClose();
    },
  });
  const refused =
    rotate.error instanceof ApiError ? rotate.error.fields.find((each) => each.field === "graceDays") : undefined;
  const wrong = own ?? refused?.message;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Replace ${code}?`}
      lead={
        failed
          ? "Its owner gets a new code at once, and a mail that says why. The old one is given up; its link goes on to work."
          : "Its owner gets a new code at once, and a mail. The old one works for a few days more, so that they can change it where they have shared it; then the checkout refuses it. Its link goes on to work."
      }
    >
      <form
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!own && !rotate.isPending) rotate.mutate();
        }}
      >
        {!failed && (
          <Field
            label="Days that the old code still works"
            hint="0 ends it at once."
            required
            error={wrong && fieldMessage("The number of days", wrong)}
          >
            {(parts) => (
              <input
                {...parts}
                inputMode="numeric"
                autoComplete="off"
                maxLength={2}
                value={shown}
                onChange={(event) => setDays(event.target.value)}
                className="field-box max-w-32"
              />
            )}
          </Field>
        )}
        {rotate.error && !refused && <Failure error={rotate.error} />}
        <div className="flex flex-wrap justify-end gap-2 pt-1">
          <Button look="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" busy={rotate.isPending}>
            Replace code
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
