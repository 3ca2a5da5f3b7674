import type { ReactNode } from "react";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Failure } from "../../ui/states.tsx";

/** A dialog that asks for a reason, and does something with it. */
export function ReasonDialog({
  title,
  lead,
  label,
  hint,
  confirm,
  look = "solid",
  busy,
  error,
  onClose,
  onSubmit,
}: {
  title: string;
  lead: ReactNode;
  label: string;
  hint: string;
  confirm: string;
  look?: "solid" | "danger";
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSubmit: (reason: string) => void;
}) {
  const wrong = error instanceof ApiError ? error.fields.find((each) => each.field === "reason") : undefined;
  return (
    <Dialog open onClose={onClose} title={title} lead={lead}>
      <form
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSubmit(String(new FormData(event.currentTarget).get("reason") ?? ""));
        }}
      >
        <Field label={label} hint={hint} required error={wrong && fieldMessage(label, wrong.message)}>
          {(parts) => <textarea {...parts} name="reason" rows={3} maxLength={500} className="field-box" />}
        </Field>
        {error && !wrong && <Failure error={error} />}
        <div className="flex flex-wrap justify-end gap-2 pt-1">
          <Button look="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look={look} busy={busy}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
