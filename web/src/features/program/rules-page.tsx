import type { Program } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { ApiError } from "../../api/problem.ts";
import { Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { isOwner, meQuery } from "../session/session.ts";
import { simulationQuery } from "../simulation/queries.ts";
import { TryRules } from "../simulation/try.tsx";
import { programQuery } from "./queries.ts";
import { changedRules, draftOf, type RuleSet, type RulesErrors, readDraft } from "./rules-draft.ts";
import { RulesForm, RulesSummary } from "./rules-form.tsx";
import { RulesHistory } from "./rules-history.tsx";
import { sentencesOf } from "./rules-words.ts";
import { SaveBar, useBase, useProgramSave } from "./save.tsx";
import { ProgramTabs } from "./tabs.tsx";

/** By which rules an order finds its ambassador, and by which it did before. */
export function RulesPage() {
  const { data: me } = useQuery(meQuery);
  const program = useQuery(programQuery);
  // Rules that were tried and are to be changed further.
  const { tried } = useSearch({ strict: false });
  const trial = useQuery({ ...simulationQuery(tried ?? ""), enabled: tried !== undefined, refetchInterval: false });
  return (
    <Page
      title="Rules"
      heading="Program"
      lead={
        <>
          How an order finds its ambassador. Changes hold for new orders; what is on a receipt already stays as it is.
          {me && !isOwner(me) && " Only owners can change the rules."}
        </>
      }
    >
      <ProgramTabs here="/program/rules" />
      {program.isPending || (tried && trial.isPending) ? (
        <SkeletonPage label="Loading the rules" />
      ) : program.isLoadingError ? (
        <Failure error={program.error} retry={() => program.refetch()} />
      ) : (
        <>
          {isOwner(me) ? (
            <Editing program={program.data} begin={tried ? trial.data?.rules : undefined} />
          ) : (
            <div className="max-w-3xl">
              <RulesSummary sentences={sentencesOf(program.data.rules)} />
            </div>
          )}
          <RulesHistory inForce={program.data.rules.version} />
        </>
      )}
    </Page>
  );
}

function Editing({
  program,
  begin,
}: {
  program: Program;
  /** Rules to begin with, which are not those in force. */
  begin: RuleSet | undefined;
}) {
  const [draft, setDraft] = useState(() => draftOf(begin ?? program.rules));
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { rules, errors } = readDraft(draft);
  const [changed, setChanged] = useState(false);
  const [base, adopt] = useBase(program, changed, (next) => setDraft(draftOf(next.rules)));
  const wanted = changedRules(base.rules, rules);
  const dirty = Object.keys(wanted).length > 0;
  if (changed !== dirty) setChanged(dirty);
  const state = useProgramSave(base, (saved) => {
    adopt(saved);
    setTried(false);
  });

  const fields = state.error instanceof ApiError ? state.error.fields : [];
  const refused: RulesErrors = Object.fromEntries(
    fields.flatMap(({ field, message }) => {
      const name = /^rules\.(\w+)/.exec(field)?.[1];
      return name ? [[name as keyof RuleSet, message]] : [];
    }),
  );
  const wrong = Object.keys(errors).length;

  const looksRight = (): boolean => {
    setTried(true);
    if (wrong === 0) return true;
    announce("Some fields need another look.");
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
    return false;
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (looksRight() && dirty) state.save({ rules: wanted });
  };

  return (
    <form ref={form} noValidate onSubmit={submit} className="space-y-5">
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <RulesForm value={draft} onChange={setDraft} errors={{ ...refused, ...errors }} />
        <div className="lg:sticky lg:top-24">
          <RulesSummary sentences={sentencesOf(rules)} />
        </div>
      </div>
      {/* Beside the rules, not in a box of its own: it stays at the foot of the window as long as they go on. */}
      <SaveBar
        state={state}
        dirty={dirty}
        invalid={tried ? wrong : 0}
        onUndo={() => {
          setDraft(draftOf(base.rules));
          setTried(false);
        }}
      >
        {dirty && <TryRules rules={wanted} ready={looksRight} />}
      </SaveBar>
    </form>
  );
}
