import type { Receipt } from "@laurel/contract";
import { Link } from "@tanstack/react-router";
import { Award, CircleSlash } from "lucide-react";
import type { ReactNode } from "react";
import { plural, signalWords } from "../../format/words.ts";
import { Badge } from "../../ui/badge.tsx";
import { cx } from "../../ui/cx.ts";
import { Time } from "../../ui/figures.tsx";
import { Facts } from "../../ui/page.tsx";
import { sentencesOf } from "../program/rules-words.ts";

/** Why the order counts for whom it does: what was seen, who came into question, by which rules. */
export function Decision({ receipt }: { receipt: Receipt }) {
  const { signals, candidates, rules, revisions, order, inputs } = receipt;
  return (
    <div className="space-y-10">
      <Section title="Who it could count for">
        {candidates.length === 0 ? (
          <p className="text-soft">No signal named anybody.</p>
        ) : (
          <ol className="space-y-3">
            {candidates.map((candidate, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: “another ambassador” may stand there twice
              <li key={index}>
                <Candidate candidate={candidate} />
              </li>
            ))}
          </ol>
        )}
      </Section>

      <Section title={receipt.audience === "staff" ? "What was seen" : "What was seen of you"}>
        {signals.length === 0 ? (
          <p className="text-soft">No promo code, no click by a link, no known customer.</p>
        ) : (
          <ul className="divide-y divide-line border-line border-y">
            {signals.map((signal) => (
              <li
                key={signal.kind + (signal.value ?? "")}
                className="flex flex-wrap items-baseline justify-between gap-x-4 py-2.5"
              >
                <span>
                  {signalWords[signal.kind]}
                  {signal.value && <span className="ml-2 font-mono font-semibold">{signal.value}</span>}
                </span>
                {signal.seenAt && <Time at={signal.seenAt} className="text-sm text-soft" />}
              </li>
            ))}
          </ul>
        )}
      </Section>

      <Section title="The rules of the day">
        <Facts
          items={[
            ["Rules", `Version ${rules.version}`],
            [
              "They say",
              <ul key="say" className="space-y-1">
                {sentencesOf(rules).map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>,
            ],
            ["Commission waits", plural(rules.holdDays, "day", "days")],
            ["Customer", customerWords(inputs.newCustomer)],
            ...(inputs.subscription
              ? ([["Subscription", subscriptionWords(inputs.subscription)]] as [string, ReactNode][])
              : []),
            ["Decided", <Time key="decided" at={receipt.decidedAt} />],
            ...(order.externalIds.length > 0
              ? [
                  [
                    "At the checkout",
                    <ul key="ids" className="font-mono text-sm">
                      {order.externalIds.map((id) => (
                        <li key={id}>{id}</li>
                      ))}
                    </ul>,
                  ] as [string, ReactNode],
                ]
              : []),
          ]}
        />
      </Section>

      {revisions.length > 1 && (
        <Section title="How the decision grew">
          <ol className="space-y-2">
            {revisions.map((revision) => (
              <li key={revision.revision} className="flex flex-wrap gap-x-3">
                <span className="font-semibold">Revision {revision.revision}</span>
                <span className="min-w-0">{revision.cause}</span>
                <Time at={revision.decidedAt} className="text-soft" />
              </li>
            ))}
          </ol>
        </Section>
      )}
    </div>
  );
}

const subscriptionWords = ({ part, beganAt, first }: NonNullable<Receipt["inputs"]["subscription"]>): ReactNode => (
  <>
    {part === "start" ? "Begins with this order" : first ? "Its first paid payment" : "One of its payments"}
    {part !== "start" && (
      <>
        ; it began <Time at={beganAt} as="day" />
      </>
    )}
  </>
);

const customerWords = (isNew: boolean | null): string =>
  isNew === null ? "Not known: the checkout told no e-mail" : isNew ? "New: had not bought before" : "Returning";

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="break-inside-avoid">
      <h2 className="mb-3 font-serif text-xl">{title}</h2>
      {children}
    </section>
  );
}

function Candidate({ candidate }: { candidate: Receipt["candidates"][number] }) {
  const won = candidate.outcome === "won";
  const Icon = won ? Award : CircleSlash;
  const who = candidate.who === "you" ? "You" : candidate.who.charAt(0).toUpperCase() + candidate.who.slice(1);
  return (
    <div className={cx("flex gap-3.5 rounded-xl border px-4 py-3.5", won ? "border-leaf bg-leaf-wash" : "border-line")}>
      <Icon aria-hidden className={cx("mt-0.5 size-5 shrink-0", won ? "text-leaf" : "text-soft")} />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1">
          {candidate.ambassadorId && candidate.who !== "you" ? (
            <Link
              to="/ambassadors/$ambassadorId"
              params={{ ambassadorId: candidate.ambassadorId }}
              className="link font-semibold"
            >
              {who}
            </Link>
          ) : (
            <span className="font-semibold">{who}</span>
          )}
          {candidate.code && <span className="font-mono">{candidate.code}</span>}
          {candidate.kind && (
            <span className={cx("text-sm", won ? "text-ink" : "text-soft")}>
              {signalWords[candidate.kind].toLowerCase()}
            </span>
          )}
          <Badge tone={won ? "strong" : "quiet"} className="ml-auto">
            {won ? "Counts" : "Does not count"}
          </Badge>
        </div>
        <p className={cx("mt-0.5 text-[0.9375rem]", !won && "text-soft")}>
          {candidate.explanation.replace(/\.?$/, ".")}
        </p>
      </div>
    </div>
  );
}
