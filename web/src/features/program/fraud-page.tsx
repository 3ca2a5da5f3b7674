import type { FraudSignal, Program } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage, plural } from "../../format/words.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Check } from "../../ui/check.tsx";
import { cx } from "../../ui/cx.ts";
import { Field } from "../../ui/field.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { severityWords } from "../flag/queries.ts";
import { isOwner, meQuery } from "../session/session.ts";
import { changedFraud, type FraudDraft, type FraudErrors, fraudDraftOf, fraudErrorsOf } from "./fraud-draft.ts";
import { fraudSignalsQuery, programQuery } from "./queries.ts";
import { SaveBar, useBase, useProgramSave } from "./save.tsx";
import { ProgramTabs } from "./tabs.tsx";

/** Which signs of fraud are looked for, from where on they flag, and for how long a flag holds money. */
export function FraudPage() {
  const { data: me } = useQuery(meQuery);
  const program = useQuery(programQuery);
  const signals = useQuery(fraudSignalsQuery);
  const failed = [program, signals].find((each) => each.isLoadingError);
  return (
    <Page
      title="Fraud signals"
      heading="Program"
      width="column"
      lead={
        <>
          What makes an order look like fraud. A flag holds what that order earns and nothing else, until somebody has
          looked.
          {me && !isOwner(me) && " Only owners can change these settings."}
        </>
      }
    >
      <ProgramTabs here="/program/fraud" />
      {failed ? (
        <Failure error={failed.error} retry={() => failed.refetch()} />
      ) : !program.data || !signals.data ? (
        <SkeletonPage label="Loading the signals" />
      ) : (
        <Editing program={program.data} signals={signals.data} owner={isOwner(me)} />
      )}
    </Page>
  );
}

function Editing({ program, signals, owner }: { program: Program; signals: FraudSignal[]; owner: boolean }) {
  const [draft, setDraft] = useState(() => fraudDraftOf(program.fraud, signals));
  const [tried, setTried] = useState(false);
  const [changed, setChanged] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [base, adopt] = useBase(program, changed, (next) => setDraft(fraudDraftOf(next.fraud, signals)));
  const wanted = changedFraud(base.fraud, draft, signals);
  const dirty = Object.keys(wanted).length > 0;
  if (changed !== dirty) setChanged(dirty);
  const state = useProgramSave(base, (saved) => {
    adopt(saved);
    setTried(false);
  });
  const set = (changes: Partial<FraudDraft>) => setDraft({ ...draft, ...changes });

  const own = fraudErrorsOf(draft);
  const refused = state.error instanceof ApiError ? state.error.fields : [];
  const errors: FraudErrors = {
    ...Object.fromEntries(refused.map(({ field, message }) => [field.replace(/^fraud\.(thresholds\.)?/, ""), message])),
    ...own,
  };
  const wrong = Object.keys(own).length;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (wrong > 0) {
      announce("Some fields need another look.");
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
    } else if (dirty) state.save({ fraud: wanted });
  };
  const days = (name: "expiryDays" | "graceDays", label: string, hint: string) => (
    <Field label={label} required hint={hint} error={errors[name] && fieldMessage("The number of days", errors[name])}>
      {(parts) => (
        <input
          {...parts}
          inputMode="numeric"
          autoComplete="off"
          maxLength={2}
          readOnly={!owner}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
          className="field-box max-w-28"
        />
      )}
    </Field>
  );

  return (
    <form ref={form} noValidate onSubmit={submit} className="space-y-5">
      <Card title="Flags and codes">
        <div className="grid gap-5 sm:grid-cols-2">
          {days(
            "expiryDays",
            "A flag expires after, in days",
            "If nobody looks until then, the money goes on as if it had been cleared.",
          )}
          {days(
            "graceDays",
            "A replaced code still works for, in days",
            "So that its owner can change it where they have shared it. 0 ends it at once.",
          )}
        </div>
      </Card>
      <Card
        title="Signals"
        aside={
          <span className="text-sm text-soft">
            {plural(signals.length - draft.off.length, "signal", "signals")} looked for
          </span>
        }
      >
        <ul className="divide-y divide-line">
          {signals.map((signal) => (
            <li key={signal.rule} className="py-5 first:pt-0 last:pb-0">
              <Signal
                signal={signal}
                off={draft.off.includes(signal.rule)}
                threshold={draft.thresholds[signal.rule]}
                error={errors[signal.rule] && fieldMessage("The number", errors[signal.rule]!)}
                readOnly={!owner}
                onOff={(off) =>
                  set({ off: off ? [...draft.off, signal.rule] : draft.off.filter((each) => each !== signal.rule) })
                }
                onThreshold={(text) => set({ thresholds: { ...draft.thresholds, [signal.rule]: text } })}
              />
            </li>
          ))}
        </ul>
      </Card>
      {owner && (
        <SaveBar
          state={state}
          dirty={dirty}
          invalid={tried ? wrong : 0}
          onUndo={() => {
            setDraft(fraudDraftOf(base.fraud, signals));
            setTried(false);
          }}
        />
      )}
    </form>
  );
}

/** Text with code marks, as documents write it: what stands between backticks is set as code. */
const withCode = (text: string) =>
  text.split("`").map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <code key={part} className="font-mono text-[0.8125rem]">
        {part}
      </code>
    ),
  );

function Signal({
  signal,
  off,
  threshold,
  error,
  readOnly,
  onOff,
  onThreshold,
}: {
  signal: FraudSignal;
  off: boolean;
  threshold: string | undefined;
  error: string | undefined;
  readOnly: boolean;
  onOff: (off: boolean) => void;
  onThreshold: (text: string) => void;
}) {
  const { title, severity, looksAt, window } = signal;
  const usual = signal.threshold ? String(signal.threshold.value) : undefined;
  return (
    <section aria-label={title}>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <Check
          checked={!off}
          disabled={readOnly}
          onChange={(event) => onOff(!event.target.checked)}
          label={<span className="font-semibold">{title}</span>}
        />
        {off ? (
          <Badge tone="quiet" className="ml-8 sm:ml-0">
            Off
          </Badge>
        ) : (
          <Badge tone={severityWords[severity].tone} className="ml-8 sm:ml-0">
            {severityWords[severity].label} severity
          </Badge>
        )}
      </div>
      <div className={cx("mt-1 pl-8", off && "text-soft")}>
        <p className="text-sm text-soft">Looks at {withCode(looksAt)}.</p>
        <p className="text-sm text-soft">Looks back over: {window}.</p>
        {signal.threshold && threshold !== undefined && !off && (
          <div className="mt-3 flex flex-wrap items-end gap-x-3 gap-y-2">
            <Field
              label={`Flags from this many ${signal.threshold.of}`}
              required
              hint={`Usually ${usual}.`}
              error={error}
              className="min-w-0 flex-1 basis-60"
            >
              {(parts) => (
                <input
                  {...parts}
                  inputMode="numeric"
                  autoComplete="off"
                  maxLength={5}
                  readOnly={readOnly}
                  value={threshold}
                  onChange={(event) => onThreshold(event.target.value)}
                  className="field-box max-w-28"
                />
              )}
            </Field>
            {threshold !== usual && !readOnly && (
              <Button
                look="quiet"
                aria-label={`Back to ${usual}, the default of: ${title}`}
                onClick={() => {
                  onThreshold(usual!);
                  announce(`Back to ${usual}.`);
                }}
              >
                <RotateCcw aria-hidden className="size-4" />
                Back to {usual}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
