import type { Application } from "@laurel/contract";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import type { Ref } from "react";
import { channelHref, channelWords } from "../../format/channels.ts";
import { formatCount } from "../../format/money.ts";
import { formatDay } from "../../format/time.ts";
import { applicationWords, countryName, declineWords } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Time } from "../../ui/figures.tsx";
import { Facts } from "../../ui/page.tsx";
import { MailTroubleNote } from "../mailbox/mail-trouble.tsx";
import type { Choice } from "./decision.tsx";
import { UndoButton } from "./undo.tsx";

const outcomes = { approved: "is approved", waitlisted: "is on the waiting list", declined: "is declined" } as const;

const KeyHint = ({ children }: { children: string }) => (
  <kbd aria-hidden className="rounded border border-current/40 px-1.5 font-mono text-xs leading-5 opacity-80">
    {children}
  </kbd>
);

/** An address that an applicant gave: a link only where it leads to the web. */
function AnsweredLink({ address }: { address: string }) {
  const href = channelHref({ kind: "other", url: address });
  if (!href) return address;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="link break-all">
      {address}
      <ExternalLink aria-hidden className="ml-1 inline size-3.5" />
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  );
}

/** One application as staff read it, and the three ways to decide it. */
export function ApplicationDetail({
  application,
  headingRef,
  decidable,
  undoUntil,
  hints,
  onChoose,
}: {
  application: Application;
  headingRef: Ref<HTMLHeadingElement>;
  decidable: boolean;
  /** Epoch ms until which the decision can be undone. */
  undoUntil: number | undefined;
  hints: boolean;
  onChoose: (choice: Choice) => void;
}) {
  const { decision } = application;
  return (
    <article className="rounded-xl border border-line bg-card shadow-card">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 border-line border-b px-5 py-5 sm:px-7">
        <div className="min-w-0">
          <h2 ref={headingRef} tabIndex={-1} className="font-serif text-[1.75rem] leading-tight outline-none">
            {application.name}
          </h2>
          <p className="mt-1 text-soft">
            {application.niche} · {countryName(application.country)} · sent{" "}
            <Time at={application.submittedAt} as="relative" />
          </p>
        </div>
        <StateBadge words={applicationWords[application.status]} />
      </header>

      <div className="space-y-7 px-5 py-6 sm:px-7">
        <MailTroubleNote trouble={application.mailTrouble} name={application.name} />
        <blockquote className="whitespace-pre-line border-leaf border-l-2 pl-4 font-serif text-lg leading-relaxed">
          {application.why}
        </blockquote>

        <section aria-label="Channels">
          <h3 className="eyebrow mb-2">Channels</h3>
          <ul className="divide-y divide-line border-line border-y">
            {application.channels.map((channel, index) => {
              const href = channelHref(channel);
              const name = channel.handle ?? channel.url ?? "";
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: two channels may be alike in every respect
                <li key={index} className="flex items-baseline justify-between gap-4 py-2.5">
                  <span className="min-w-0">
                    <span className="text-soft">{channelWords[channel.kind]}</span>{" "}
                    {href ? (
                      <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="link font-semibold">
                        {name}
                        <ExternalLink aria-hidden className="ml-1 inline size-3.5" />
                        <span className="sr-only"> (opens in a new tab)</span>
                      </a>
                    ) : (
                      <span className="font-semibold">{name}</span>
                    )}
                  </span>
                  <span className="shrink-0 tabular-nums">{formatCount(channel.followers)} followers</span>
                </li>
              );
            })}
          </ul>
        </section>

        {application.answers.length > 0 && (
          <section aria-label="Answers">
            <h3 className="eyebrow mb-2">Answers</h3>
            <dl className="divide-y divide-line border-line border-y">
              {application.answers.map(({ questionId, label, kind, answer }) => (
                <div key={questionId} className="py-2.5">
                  <dt className="text-soft text-sm">{label}</dt>
                  <dd className="mt-0.5 whitespace-pre-line">
                    {kind === "link" ? <AnsweredLink address={answer} /> : answer}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        )}

        <section aria-label="Details">
          <Facts
            items={[
              [
                "E-mail",
                <a key="mail" href={`mailto:${application.email}`} className="link">
                  {application.email}
                </a>,
              ],
              [
                "Confirmed",
                application.confirmedAt ? <Time key="confirmed" at={application.confirmedAt} /> : "Not yet",
              ],
              [
                "Accepted",
                `Guidelines ${application.accepted.guidelinesVersion}, terms ${application.accepted.termsVersion}, privacy ${application.accepted.privacyVersion}`,
              ],
              ["News by mail", application.marketingConsent ? "Yes, wants them" : "No"],
            ]}
          />
        </section>

        {decision && (
          <section aria-label="Decision" className="rounded-lg bg-sunk p-4">
            <h3 className="eyebrow mb-1.5">Decision</h3>
            <p>
              {applicationWords[decision.outcome].label} by {decision.decidedByName ?? "somebody no longer in the team"}
              , <Time at={decision.decidedAt} />
              {decision.reason && <>. Reason: {declineWords[decision.reason].toLowerCase()}</>}
              {decision.reapply && (
                <>
                  . May apply again{" "}
                  {decision.reapply.policy === "now"
                    ? "at once"
                    : decision.reapply.policy === "never"
                      ? "never"
                      : `from ${formatDay(new Date(Date.parse(decision.decidedAt) + decision.reapply.days * 86_400_000).toISOString())}`}
                </>
              )}
              .
            </p>
            {decision.note && <p className="mt-1.5 whitespace-pre-line text-soft">Team note: {decision.note}</p>}
            {undoUntil !== undefined && (
              <div className="mt-3">
                <UndoButton
                  recent={{
                    id: application.id,
                    name: application.name,
                    outcome: outcomes[decision.outcome],
                    decidedAt: decision.decidedAt,
                    until: undoUntil,
                  }}
                />
              </div>
            )}
            {application.ambassadorId && (
              <p className="mt-1.5">
                <Link
                  to="/ambassadors/$ambassadorId"
                  params={{ ambassadorId: application.ambassadorId }}
                  className="link"
                >
                  Open the ambassador
                </Link>
              </p>
            )}
          </section>
        )}
      </div>

      {decidable && (
        <footer className="flex flex-wrap gap-2 border-line border-t px-5 py-4 sm:px-7">
          <Button onClick={() => onChoose("approve")}>
            Approve
            {hints && <KeyHint>a</KeyHint>}
          </Button>
          {application.status === "confirmed" && (
            <Button look="outline" onClick={() => onChoose("waitlist")}>
              Waitlist
              {hints && <KeyHint>w</KeyHint>}
            </Button>
          )}
          <Button look="danger" className="sm:ml-auto" onClick={() => onChoose("decline")}>
            Decline
            {hints && <KeyHint>d</KeyHint>}
          </Button>
        </footer>
      )}
    </article>
  );
}
