import type { MailTrouble } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MailWarning } from "lucide-react";
import { type FormEvent, useState } from "react";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
import { Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { canDecide, meQuery } from "../session/session.ts";

/** What keeps mail from a person, for the team to see before they wonder why nobody answers. */
export function MailTroubleNote({
  trouble,
  name,
  className,
}: {
  trouble: MailTrouble | null;
  name: string;
  className?: string;
}) {
  const { data: me } = useQuery(meQuery);
  if (!trouble) return null;
  const since = <Time at={trouble.since} as="day" />;
  return (
    <section
      aria-label="Mail"
      className={cx(
        "flex flex-wrap items-start gap-x-4 gap-y-3 rounded-xl border px-5 py-4",
        trouble.stopped ? "border-bad/40 bg-bad-wash" : "border-wait/40 bg-wait-wash",
        className,
      )}
    >
      <MailWarning aria-hidden className={cx("mt-0.5 size-5 shrink-0", trouble.stopped ? "text-bad" : "text-wait")} />
      <div className="min-w-0 flex-1 basis-64">
        {trouble.kind === "complained" ? (
          <>
            <p className="font-semibold">
              No mails are sent since {since}, because {trouble.because}
            </p>
            <p className="text-[0.9375rem]">Only the links that they ask for themselves still go out, to sign in.</p>
          </>
        ) : trouble.stopped ? (
          <>
            <p className="font-semibold">
              Mail does not reach this address since {since}, because {trouble.because}
            </p>
            <p className="text-[0.9375rem]">
              Nothing is sent there any more. Reach {name} some other way and ask for an address that works.
            </p>
          </>
        ) : (
          <p>
            <span className="font-semibold">
              A mail came back on {since}, because {trouble.because}.
            </span>{" "}
            The next ones are still sent.
          </p>
        )}
      </div>
      {trouble.stopped && canDecide(me) && <AllowMail trouble={trouble} name={name} />}
    </section>
  );
}

/** The button, and behind it the question how the person has confirmed. */
export function AllowMail({ trouble, name, className }: { trouble: MailTrouble; name: string; className?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="outline" className={className} onClick={() => setOpen(true)}>
        Send mail again
        <span className="sr-only"> to {name}</span>
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Send mail again"
        lead={
          trouble.kind === "complained"
            ? `Only once ${name} has told you that our mails are welcome. Another complaint can stop the mail of the whole program.`
            : `Only once ${name} has told you that the mailbox works. Mails that bounce again can stop the mail of the whole program.`
        }
      >
        <AllowForm personId={trouble.personId} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function AllowForm({ personId, onDone }: { personId: string; onDone: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const allow = useMutation({
    mutationFn: (text: string) => post(`/api/people/${encodeURIComponent(personId)}/mail/allow`, { note: text }),
    onSuccess: () => {
      for (const queryKey of [["application"], ["applications"], ["ambassador"], ["effects"]])
        void client.invalidateQueries({ queryKey });
      toast("Mail is sent again. What was skipped can be sent from the effects.");
      onDone();
    },
  });
  const refused = allow.error instanceof ApiError ? allow.error.fields[0] : undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!allow.isPending) allow.mutate(note);
  };
  return (
    <form onSubmit={submit} noValidate className="space-y-5">
      <Field
        label="How did they confirm?"
        required
        hint="Kept in the audit log."
        error={refused && fieldMessage("This", refused.message)}
      >
        {(parts) => (
          <textarea
            {...parts}
            value={note}
            rows={2}
            placeholder="Told us by phone that the mailbox works again."
            onChange={(event) => setNote(event.currentTarget.value)}
            className="field-box"
          />
        )}
      </Field>
      {allow.isError && !refused && <Failure error={allow.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" busy={allow.isPending}>
          Send mail again
        </Button>
      </div>
    </form>
  );
}
