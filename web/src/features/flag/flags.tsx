import type { Flag, FlagState } from "@laurel/contract";
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
import { mostSelected, SelectAll, SelectionBar } from "../../ui/selection.tsx";
import { Empty } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { flagStates, flagsQuery, flagWords, leaks, severityWords } from "./queries.ts";
import { Resolve, ResolveMany } from "./resolve.tsx";
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
        {(rows) => <FlagList key={`${state} ${ambassadorId}`} rows={rows} />}
      </Pages>
    </Page>
  );
}

type Outcome = Exclude<FlagState, "open" | "expired">;

/** Each is resolved by itself, or many of them in one way: a code that leaked is on many orders. */
function FlagList({ rows }: { rows: Flag[] }) {
  const [choice, setChoice] = useState<{ flag: Flag; outcome: Outcome }>();
  const [choiceOfMany, setChoiceOfMany] = useState<Outcome>();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const selectable = rows.filter((flag) => flag.mayResolve).map(({ id }) => id);
  // What is not there any more is not selected any more.
  const selected = new Set(selectable.filter((id) => picked.has(id)));
  const pick = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id) && next.size < mostSelected) next.add(id);
    setPicked(next);
    announce(`${next.size} selected.`);
  };
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4">
        <p className="text-sm text-soft">{plural(rows.length, "flag", "flags")}</p>
        {selectable.length > 1 && (
          <SelectAll shown={selectable} selected={selected} onChange={(ids) => setPicked(new Set(ids))} />
        )}
      </div>
      <ul className="space-y-4">
        {rows.map((flag) => (
          <li key={flag.id}>
            <FlagCard
              flag={flag}
              selected={selectable.length > 1 && flag.mayResolve ? selected.has(flag.id) : undefined}
              onSelect={() => pick(flag.id)}
              onChoose={(outcome) => setChoice({ flag, outcome })}
            />
          </li>
        ))}
      </ul>
      {selected.size > 0 && (
        <SelectionBar label="Selected flags" count={selected.size} onClear={() => setPicked(new Set())}>
          <Button look="danger" className="flex-1" onClick={() => setChoiceOfMany("confirmed")}>
            Confirm all
          </Button>
          <Button className="flex-1" onClick={() => setChoiceOfMany("cleared")}>
            Clear all
          </Button>
        </SelectionBar>
      )}
      {choice && <Resolve {...choice} onClose={() => setChoice(undefined)} />}
      {choiceOfMany && selected.size > 0 && (
        <ResolveMany ids={[...selected]} outcome={choiceOfMany} onClose={() => setChoiceOfMany(undefined)} />
      )}
    </>
  );
}

interface FlagCardProps {
  flag: Flag;
  /** Undefined where it can't be. */
  selected: boolean | undefined;
  onSelect: () => void;
  onChoose: (outcome: Outcome) => void;
}

function FlagCard({ flag, selected, onSelect, onChoose }: FlagCardProps) {
  const severity = severityWords[flag.severity];
  return (
    <article aria-label={`${flag.title}, ${flag.ambassadorName}`} className="rounded-xl border border-line bg-card p-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            {selected !== undefined && (
              <label className="flex items-center">
                <span className="sr-only">
                  Select {flag.title}, {flag.ambassadorName}
                </span>
                <input type="checkbox" checked={selected} onChange={onSelect} className="size-5 accent-leaf" />
              </label>
            )}
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
