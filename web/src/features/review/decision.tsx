import type { Ambassador, Application, Code, DeclineReason, Job, Reapply } from "@laurel/contract";
import { declineReasons } from "@laurel/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { formatRate } from "../../format/money.ts";
import { declineWords, fieldMessage, plural } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { campaignsQuery, tiersQuery } from "../campaign/queries.ts";
import { reapplyOf } from "./reapply.ts";

export type Choice = "approve" | "waitlist" | "decline";

/** One applicant, or all that are selected. */
export type Target = { application: Application } | { ids: readonly string[] };

/** What came of it: a decision that can be undone, or the job that decides the many. */
export type Decided = { application: Application; undo: Undoable | undefined } | { jobId: string };
export interface Undoable {
  outcome: string;
  decidedAt: string;
  undoForMs: number;
}

interface DialogProps {
  target: Target;
  onClose: () => void;
  onDecided: (decided: Decided) => void;
  onReload: () => void;
}

export function DecisionDialog({ choice, ...rest }: DialogProps & { choice: Choice }) {
  if (choice === "approve") return <Approve {...rest} />;
  if (choice === "waitlist") return <Waitlist {...rest} />;
  return <Decline {...rest} />;
}

/** Nothing is shown as decided before the answer has come: two people may decide at once, and one of them loses. */
function useDecision<T extends Answer>(
  { target, onDecided }: DialogProps,
  verb: Choice,
  outcome: string,
  say: (answer: T) => string,
) {
  return useMutation({
    mutationFn: async (body: Record<string, unknown>): Promise<Decided> => {
      if ("ids" in target) {
        const { job } = await post<{ job: Job }>("/api/applications/bulk", { action: verb, ids: target.ids, ...body });
        return { jobId: job.id };
      }
      const { application } = target;
      const answer = await post<T>(`/api/applications/${encodeURIComponent(application.id)}/${verb}`, body);
      toast(say(answer));
      return { application, undo: undoableOf(answer, outcome) };
    },
    onSuccess: onDecided,
  });
}

type Answer = Application | { ambassador: Ambassador; code: Code };

/** An approval's answer is the ambassador, who joined with the decision. */
function undoableOf(answer: Answer, outcome: string): Undoable | undefined {
  if ("ambassador" in answer) return { outcome, decidedAt: answer.ambassador.joinedAt, undoForMs: 600_000 };
  const { decision, undoForMs } = answer;
  return decision && undoForMs ? { outcome, decidedAt: decision.decidedAt, undoForMs } : undefined;
}

/** Whom it is about, as a title names them. */
const whoOf = (target: Target): string =>
  "ids" in target ? plural(target.ids.length, "application", "applications") : target.application.name;

const noteOf = (data: FormData) => {
  const note = String(data.get("note") ?? "").trim();
  return note ? { note } : {};
};

/** The frame of each decision: the form, what went wrong, and the conflict when somebody was faster. */
function DecisionForm({
  title,
  lead,
  confirm,
  look = "solid",
  error,
  busy,
  onSubmit,
  onClose,
  onReload,
  children,
}: {
  title: string;
  lead: ReactNode;
  confirm: string;
  look?: "solid" | "danger";
  error: Error | null;
  busy: boolean;
  onSubmit: (data: FormData) => void;
  onClose: () => void;
  onReload: () => void;
  children: ReactNode;
}) {
  const conflict = error instanceof ApiError && (error.status === 409 || error.code === "application.already_decided");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!busy) onSubmit(new FormData(event.currentTarget));
  };
  const unplaced =
    error &&
    !(error instanceof ApiError && error.fields.some((each) => each.field === "note" || each.field === "reapply.days"));
  return (
    <Dialog open onClose={onClose} title={title} lead={lead}>
      {conflict ? (
        <div role="alert" className="rounded-xl border border-wait/40 bg-wait-wash p-4">
          <p className="font-semibold">Somebody else decided first</p>
          <p className="mt-0.5 text-[0.9375rem]">{error.message} Your decision was not saved.</p>
          <Button className="mt-4" onClick={onReload}>
            <RotateCw aria-hidden className="size-4" />
            Reload and see
          </Button>
        </div>
      ) : (
        <form noValidate onSubmit={submit} className="space-y-5">
          {children}
          {unplaced && <Failure error={error} />}
          <div className="flex flex-wrap justify-end gap-2 pt-1">
            <Button look="outline" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" look={look} busy={busy}>
              {confirm}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Note({ error }: { error: Error | null }) {
  const wrong = error instanceof ApiError ? error.fields.find((each) => each.field === "note") : undefined;
  return (
    <Field
      label="Note for the team"
      hint="Never shown to the applicant."
      error={wrong && fieldMessage("The note", wrong.message)}
    >
      {(parts) => <textarea {...parts} name="note" rows={3} maxLength={1000} className="field-box" />}
    </Field>
  );
}

function Approve(props: DialogProps) {
  const campaigns = useQuery(campaignsQuery);
  const tiers = useQuery(tiersQuery);
  const decision = useDecision<{ ambassador: Ambassador; code: Code }>(
    props,
    "approve",
    "is approved",
    ({ ambassador, code }) => `${ambassador.name} is in, with the code ${code.code}.`,
  );
  const choosing = campaigns.isPending || tiers.isPending;
  return (
    <DecisionForm
      title={`Approve ${whoOf(props.target)}?`}
      lead={
        "ids" in props.target
          ? "Each of them becomes an ambassador, with a code of their own and a mail that says so."
          : "They become an ambassador, get a code of their own and a mail that says so."
      }
      confirm="Approve"
      error={decision.error ?? campaigns.error ?? tiers.error}
      busy={decision.isPending || choosing}
      onClose={props.onClose}
      onReload={props.onReload}
      onSubmit={(data) => {
        const campaignId = String(data.get("campaignId") ?? "");
        const tierId = String(data.get("tierId") ?? "");
        decision.mutate({ ...(campaignId ? { campaignId } : {}), ...(tierId ? { tierId } : {}), ...noteOf(data) });
      }}
    >
      <Field label="Campaign" required hint="Its offer is what the code gives to customers.">
        {(parts) => (
          <select
            {...parts}
            key={String(choosing)}
            name="campaignId"
            disabled={choosing}
            defaultValue={campaigns.data?.find((each) => each.isDefault)?.id}
            className="field-box"
          >
            {campaigns.data?.map((campaign) => (
              <option key={campaign.id} value={campaign.id}>
                {campaign.name} · {campaign.offer}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Tier" required hint="The step they start on, with its commission.">
        {(parts) => (
          <select
            {...parts}
            key={String(choosing)}
            name="tierId"
            disabled={choosing}
            defaultValue={tiers.data?.[0]?.id}
            className="field-box"
          >
            {tiers.data?.map((tier) => (
              <option key={tier.id} value={tier.id}>
                {tier.name} · {formatRate(tier.rateBp)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Note error={decision.error} />
    </DecisionForm>
  );
}

function Waitlist(props: DialogProps) {
  const name = whoOf(props.target);
  const decision = useDecision(props, "waitlist", "is on the waiting list", () => `${name} is on the waiting list.`);
  return (
    <DecisionForm
      title={`Put ${name} on the waiting list?`}
      lead="They are told in 10 minutes that there is no place right now; until then it can be undone. You can approve or decline them later."
      confirm="Waitlist"
      error={decision.error}
      busy={decision.isPending}
      onClose={props.onClose}
      onReload={props.onReload}
      onSubmit={(data) => decision.mutate(noteOf(data))}
    >
      <Note error={decision.error} />
    </DecisionForm>
  );
}

function Decline(props: DialogProps) {
  const name = whoOf(props.target);
  const [reason, setReason] = useState<DeclineReason | "">("");
  const [policy, setPolicy] = useState<Reapply["policy"]>("after_days");
  const [days, setDays] = useState("90");
  const [tried, setTried] = useState(false);
  const decision = useDecision(props, "decline", "is declined", () => `${name} is declined.`);
  const reapply = reapplyOf(policy, days);
  const daysWrong = tried && !reapply;

  return (
    <DecisionForm
      title={`Decline ${name}?`}
      lead="They get a friendly mail with the reason below, in 10 minutes; until then it can be undone."
      confirm="Decline"
      look="danger"
      error={decision.error}
      busy={decision.isPending}
      onClose={props.onClose}
      onReload={props.onReload}
      onSubmit={(data) => {
        setTried(true);
        if (reason && reapply) decision.mutate({ reason, reapply, ...noteOf(data) });
      }}
    >
      <Field
        label="Reason"
        required
        hint={reason ? `They read: “${declineReasons[reason]}.”` : undefined}
        error={tried && !reason ? "Please choose a reason." : undefined}
      >
        {(parts) => (
          <select
            {...parts}
            name="reason"
            value={reason}
            onChange={(event) => setReason(event.target.value as DeclineReason | "")}
            className="field-box"
          >
            <option value="">Choose a reason</option>
            {(Object.keys(declineReasons) as DeclineReason[]).map((each) => (
              <option key={each} value={each}>
                {declineWords[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <fieldset>
        <legend className="mb-1.5 font-semibold text-[0.9375rem]">May they apply again?</legend>
        <div className="space-y-1">
          <Policy value="now" chosen={policy} onChoose={setPolicy}>
            At once
          </Policy>
          <div className="flex flex-wrap items-center gap-x-2">
            <Policy value="after_days" chosen={policy} onChoose={setPolicy}>
              After
            </Policy>
            <input
              aria-label="Days until they may apply again"
              aria-invalid={daysWrong || undefined}
              inputMode="numeric"
              value={days}
              onFocus={() => setPolicy("after_days")}
              onChange={(event) => setDays(event.target.value)}
              className="field-box w-20 py-1.5 text-right"
            />
            <span>days</span>
          </div>
          <Policy value="never" chosen={policy} onChoose={setPolicy}>
            Never
          </Policy>
        </div>
        {daysWrong && (
          <p role="alert" className="mt-1 font-medium text-bad text-sm">
            Give a number of days from 1 to 730.
          </p>
        )}
      </fieldset>
      <Note error={decision.error} />
    </DecisionForm>
  );
}

function Policy({
  value,
  chosen,
  onChoose,
  children,
}: {
  value: Reapply["policy"];
  chosen: Reapply["policy"];
  onChoose: (value: Reapply["policy"]) => void;
  children: string;
}) {
  return (
    <label className="flex min-h-10 items-center gap-2.5">
      <input
        type="radio"
        name="policy"
        value={value}
        checked={chosen === value}
        onChange={() => onChoose(value)}
        className="size-5 accent-leaf"
      />
      {children}
    </label>
  );
}
