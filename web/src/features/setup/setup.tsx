import type { SetupStep } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight, Check, ExternalLink, Hourglass, PartyPopper } from "lucide-react";
import { Badge } from "../../ui/badge.tsx";
import { ButtonLink, buttonClass } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { cx } from "../../ui/cx.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, Failure, SkeletonPage } from "../../ui/states.tsx";
import { meQuery } from "../session/session.ts";
import { setupQuery } from "./queries.ts";
import { stepWords } from "./words.ts";

/** What an owner does after a deployment, one step after the other. */
export function FirstSteps() {
  const { data: me } = useQuery(meQuery);
  const setup = useQuery(setupQuery(me));
  const done = setup.data?.steps.filter(({ state }) => state === "done").length ?? 0;
  return (
    <Page
      title="First steps"
      width="column"
      lead={
        setup.data && !setup.data.finished
          ? `${done} of ${setup.data.steps.length} are done. This page goes away by itself once all are.`
          : "What there is to do after a deployment."
      }
    >
      {setup.isPending ? (
        <SkeletonPage label="Looking how far the first steps are" />
      ) : setup.isLoadingError ? (
        <Failure error={setup.error} retry={() => setup.refetch()} />
      ) : setup.data.finished ? (
        <Empty title="All set" icon={<PartyPopper aria-hidden className="size-6" />}>
          <p>Everything that a new program needs is there.</p>
          <div className="mt-5">
            <ButtonLink to="/applications">To the applications</ButtonLink>
          </div>
        </Empty>
      ) : (
        <ol className="space-y-3">
          {setup.data.steps.map((step) => (
            <li key={step.step}>
              <StepCard step={step} />
            </li>
          ))}
        </ol>
      )}
    </Page>
  );
}

const marks = {
  done: { said: "Done", look: "border-leaf bg-leaf text-on-leaf" },
  next: { said: "Next", look: "border-leaf bg-card text-leaf" },
  waiting: { said: "Waiting", look: "border-wait bg-wait-wash text-wait" },
  later: { said: "Later", look: "border-line bg-card text-soft" },
} as const;

function StepCard({ step: { step, state, about, href } }: { step: SetupStep }) {
  const words = stepWords[step];
  const mark = marks[state];
  return (
    <section
      aria-label={words.title}
      className={cx(
        "flex gap-4 rounded-xl border p-5",
        state === "next" ? "border-leaf bg-card shadow-card" : "border-line bg-card/60",
      )}
    >
      <span
        aria-hidden
        className={cx("flex size-8 shrink-0 items-center justify-center rounded-full border-2", mark.look)}
      >
        {state === "done" && <Check className="size-4" />}
        {state === "waiting" && <Hourglass className="size-4" />}
        {state === "next" && <span className="size-2.5 rounded-full bg-leaf" />}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h2 className={cx("font-semibold text-lg leading-8", state === "later" && "text-soft")}>{words.title}</h2>
          {state === "done" ? (
            <span className="sr-only">{mark.said}</span>
          ) : (
            <Badge tone={state === "next" ? "good" : state === "waiting" ? "wait" : "quiet"}>{mark.said}</Badge>
          )}
        </div>
        {state !== "done" && (
          <>
            <p className="text-[0.9375rem] text-soft">{words.why}</p>
            {about && <p className="mt-1.5 text-[0.9375rem]">{about}</p>}
            <Action step={step} href={href} state={state} />
          </>
        )}
      </div>
    </section>
  );
}

function Action({ step, href, state }: Pick<SetupStep, "step" | "href" | "state">) {
  const { action } = stepWords[step];
  const look = state === "next" ? "solid" : "outline";
  if (step === "share") return <Share look={look} />;
  if (action?.to)
    return (
      <ButtonLink to={action.to} look={look} className="mt-4">
        {action.label}
        <ArrowRight aria-hidden className="size-4" />
      </ButtonLink>
    );
  if (!action || !href) return null;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={buttonClass(look, "mt-4")}>
      {state === "waiting" ? "See the request" : action.label}
      <ExternalLink aria-hidden className="size-4" />
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  );
}

function Share({ look }: { look: "solid" | "outline" }) {
  const link = `${window.location.origin}/apply`;
  return (
    <div className="mt-4 flex flex-wrap items-center gap-3">
      <span className="min-w-0 break-all rounded-lg bg-sunk px-3.5 py-2.5 font-mono text-sm">{link}</span>
      <CopyButton text={link} what="Link" look={look} />
    </div>
  );
}
