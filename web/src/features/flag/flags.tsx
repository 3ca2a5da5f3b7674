import type { Flag } from "@laurel/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { plural } from "../../format/words.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Money, Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Empty } from "../../ui/states.tsx";
import { flagStates, flagsQuery, flagWords, leaks, severityWords } from "./queries.ts";
import { Resolve } from "./resolve.tsx";
import { RotateCode } from "./rotate.tsx";

const empty: Record<(typeof flagStates)[number], [title: string, why: string]> = {
  open: [
    "Nothing is flagged",
    "Orders that look like fraud appear here, and what they earn is held until somebody has looked.",
  ],
  cleared: ["None cleared", "Flags that turned out to be nothing are kept here."],
  confirmed: ["None confirmed", "Flags that turned out to be fraud are kept here."],
  expired: ["None expired", "Flags at which nobody looked in time are kept here."],
};

/** Fraud signals: what was seen, what it holds, and what became of it. */
export function Flags() {
  const search = getRouteApi("/staff/flags").useSearch();
  const state = flagStates.find((each) => each === search.state) ?? "open";
  const { ambassadorId } = search;
  const listing = useInfiniteQuery(flagsQuery(state, ambassadorId));
  const [choice, setChoice] = useState<{ flag: Flag; outcome: "cleared" | "confirmed" }>();

  return (
    <Page
      title="Flags"
      lead="Orders that look like fraud. A flag holds what its order earns and nothing else, until somebody clears or confirms it, or it expires."
      actions={
        <ButtonLink to="/program/fraud" look="outline">
          What is looked for
        </ButtonLink>
      }
    >
      <Segments
        label="State"
        items={flagStates.map((each) => ({
          text: flagWords[each].label,
          link: {
            to: "/flags",
            search: {
              ...(each === "open" ? {} : { state: each }),
              ...(ambassadorId ? { ambassadorId } : {}),
            },
          },
          current: each === state,
        }))}
      />
      {ambassadorId && (
        <p className="mb-4 text-[0.9375rem]">
          Only of one ambassador.{" "}
          <Link to="/flags" search={state === "open" ? {} : { state }} className="link">
            Show all
          </Link>
        </p>
      )}
      <Pages
        listing={listing}
        empty={
          <Empty title={empty[state][0]} icon={<ShieldCheck aria-hidden className="size-6" />}>
            {empty[state][1]}
          </Empty>
        }
      >
        {(rows) => (
          <>
            <p className="mb-2 text-sm text-soft">{plural(rows.length, "flag", "flags")}</p>
            <ul className="space-y-4">
              {rows.map((flag) => (
                <li key={flag.id}>
                  <FlagCard flag={flag} onChoose={(outcome) => setChoice({ flag, outcome })} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Pages>
      {choice && <Resolve {...choice} onClose={() => setChoice(undefined)} />}
    </Page>
  );
}

function FlagCard({ flag, onChoose }: { flag: Flag; onChoose: (outcome: "cleared" | "confirmed") => void }) {
  const severity = severityWords[flag.severity];
  return (
    <article aria-label={`${flag.title}, ${flag.ambassadorName}`} className="rounded-xl border border-line bg-card p-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <h2 className="font-serif text-xl leading-tight">{flag.title}</h2>
            <Badge tone={severity.tone}>{severity.label}</Badge>
            {flag.state !== "open" && <StateBadge words={flagWords[flag.state]} />}
          </div>
          <p className="mt-1 text-[0.9375rem] text-soft">
            <Link to="/ambassadors/$ambassadorId" params={{ ambassadorId: flag.ambassadorId }} className="link">
              {flag.ambassadorName}
            </Link>
            {flag.code && (
              <>
                {" · "}
                <span className="font-mono">{flag.code}</span>
              </>
            )}
            {" · "}
            <Link to="/orders/$orderId" params={{ orderId: flag.orderId }} className="link">
              Order{flag.orderNumber ? ` ${flag.orderNumber}` : ""} of <Time at={flag.orderedAt} as="day" />
            </Link>
          </p>
        </div>
        <p className="sm:text-right">
          {flag.held ? (
            <>
              <Money minor={flag.held.amountMinor} currency={flag.held.currency} className="font-semibold text-lg" />
              <span className="block text-sm text-soft">on hold</span>
            </>
          ) : (
            <span className="text-soft">Holds nothing</span>
          )}
        </p>
      </div>
      <div className="mt-3 max-w-3xl space-y-1">
        {flag.evidence.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <div className="mt-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 border-line border-t pt-4">
        <p className="text-sm text-soft">
          {flag.resolution ? (
            <>
              {flagWords[flag.state].label}
              {flag.resolution.byName && ` by ${flag.resolution.byName}`}, <Time at={flag.resolution.at} />
              {flag.resolution.reason && <span className="block text-ink">{flag.resolution.reason}</span>}
            </>
          ) : (
            <>
              Flagged <Time at={flag.raisedAt} as="relative" /> · expires <Time at={flag.expiresAt} as="day" />
              {flag.otherHolds > 0 &&
                ` · ${plural(flag.otherHolds, "other reason holds", "other reasons hold")} the same money`}
            </>
          )}
        </p>
        <div className="flex flex-wrap gap-2">
          {flag.code && leaks.has(flag.rule) && <RotateCode ambassadorId={flag.ambassadorId} code={flag.code} />}
          {flag.mayResolve && (
            <>
              {flag.mayConfirm && (
                <Button
                  look="outline"
                  aria-label={`Confirm fraud: ${flag.title}, ${flag.ambassadorName}`}
                  onClick={() => onChoose("confirmed")}
                >
                  Confirm fraud
                </Button>
              )}
              <Button aria-label={`Clear: ${flag.title}, ${flag.ambassadorName}`} onClick={() => onChoose("cleared")}>
                Clear
              </Button>
            </>
          )}
        </div>
      </div>
    </article>
  );
}
