import {
  type ApplicantView,
  type Application,
  type ApplicationStatus,
  type Channel,
  type DeclineReason,
  declineReasons,
  type MailTrouble,
  type Reapply,
} from "@laurel/contract";
import { AppError } from "../kernel/errors.ts";
import { addDays } from "../kernel/time.ts";
import type { Answers } from "../person/index.ts";
import type { ApplicationItem } from "./application.entity.ts";
import type { Claim } from "./claim.entity.ts";

/** So long after submitting the address can be confirmed. */
export const confirmWithinMs = 7 * 24 * 3600 * 1000;

/** So long after a decision it can be undone. What tells the applicant waits as long, where that can wait. */
export const undoWithinMs = 10 * 60 * 1000;

export type Outcome = "approved" | "waitlisted" | "declined";

const mayBecome: Record<Outcome, readonly ApplicationStatus[]> = {
  approved: ["confirmed", "waitlisted"],
  declined: ["confirmed", "waitlisted"],
  waitlisted: ["confirmed"],
};

const open: readonly ApplicationStatus[] = ["submitted", "confirmed", "waitlisted"];

export const canWithdraw = (status: ApplicationStatus): boolean => open.includes(status);

export const expiredUnconfirmed = (application: ApplicationItem, now: Date): boolean =>
  application.status === "submitted" && application.confirmBy <= now.toISOString();

/** The follower count that lists filter by. */
export const maxFollowersOf = (channels: readonly Channel[]): number =>
  Math.max(0, ...channels.map((channel) => channel.followers));

/**
 * Whether an address may apply, by its claim.
 * @param today the day in the program's time zone
 */
export function mayApply(claim: Claim | undefined, now: Date, today: string): boolean {
  if (!claim) return true;
  if (claim.state === "open") return claim.confirmBy !== undefined && claim.confirmBy <= now.toISOString();
  return claim.reapplyOn !== undefined && claim.reapplyOn <= today;
}

/** The first day on which a new application is welcome; undefined for never. */
export function reapplyOnOf(reapply: Reapply, today: string): string | undefined {
  if (reapply.policy === "never") return undefined;
  return reapply.policy === "now" ? today : addDays(today, reapply.days);
}

/** Why a status does not take this decision, or undefined where it does. */
export function refusal(status: ApplicationStatus, outcome: Outcome): AppError | undefined {
  return mayBecome[outcome].includes(status) ? undefined : decidedOtherwise(status);
}

const done: Record<Outcome, string> = {
  approved: "approved",
  waitlisted: "put on the waiting list",
  declined: "declined",
};

/** What to tell somebody whose decision came too late or too early. */
export function decidedOtherwise(status: ApplicationStatus): AppError {
  if (status === "withdrawn")
    return new AppError(
      "conflict",
      "application.withdrawn",
      "The applicant has withdrawn this application. There is nothing left to decide.",
    );
  if (status === "submitted")
    return new AppError(
      "conflict",
      "application.not_confirmed",
      "The applicant has not confirmed the e-mail address yet. It can be decided once that is done.",
    );
  if (status === "confirmed")
    return new AppError(
      "conflict",
      "application.changed",
      "This application has changed meanwhile. Reload it and decide again.",
    );
  return new AppError(
    "conflict",
    "application.already_decided",
    `This application was already ${done[status]}. Reload it to see the decision.`,
  );
}

/** How long the decision can still be undone; null where there is none, or it is too late. */
export function undoForMs({ status, decision }: ApplicationItem, now: Date): number | null {
  if (!decision || decision.outcome !== status) return null;
  const left = Date.parse(decision.decidedAt) + undoWithinMs - now.getTime();
  return left > 0 ? left : null;
}

/** Why a decision can't be undone, as far as the application alone tells. */
export function undoRefusal(application: ApplicationItem, now: Date): AppError | undefined {
  if (undoForMs(application, now) !== null) return undefined;
  if (application.decision?.outcome === application.status) return tooLateToUndo();
  return new AppError(
    "conflict",
    "application.nothing_to_undo",
    application.status === "withdrawn"
      ? "The applicant has withdrawn this application, so there is no decision to undo."
      : "There is no decision to undo: this application is not decided, or somebody has undone it already.",
  );
}

export const tooLateToUndo = () =>
  new AppError(
    "conflict",
    "application.undo_too_late",
    "A decision can be undone for 10 minutes, and those are over. The applicant has been told, or is being told right now.",
  );

/** For the applicant: no note, no marketer's name, nothing personal. */
export function applicantView(application: ApplicationItem): ApplicantView {
  const { decision } = application;
  const reason = (decision?.reason as DeclineReason | undefined) ?? null;
  return {
    id: application.id,
    status: application.status,
    submittedAt: application.submittedAt,
    confirmedAt: application.confirmedAt ?? null,
    decision: decision
      ? {
          outcome: decision.outcome,
          decidedAt: decision.decidedAt,
          reason,
          reasonText: reason && declineReasons[reason],
          reapply: decision.reapply?.policy ?? null,
          reapplyOn: decision.reapplyOn ?? null,
        }
      : null,
    canWithdraw: canWithdraw(application.status),
  };
}

/**
 * For staff.
 * @param answers undefined once the person was erased
 */
export function serialize(
  application: ApplicationItem,
  answers: Answers | undefined,
  names: ReadonlyMap<string, string>,
  mailTrouble: MailTrouble | undefined,
  now: Date,
): Application {
  const { decision } = application;
  return {
    id: application.id,
    status: application.status,
    name: answers?.name ?? "Erased",
    email: answers?.email ?? "",
    country: application.country,
    channels: answers?.channels ?? [],
    maxFollowers: application.maxFollowers,
    niche: application.niche,
    why: answers?.why ?? "",
    answers: answers?.answers ?? [],
    marketingConsent: answers?.marketingConsent ?? false,
    accepted: application.accepted,
    submittedAt: application.submittedAt,
    confirmedAt: application.confirmedAt ?? null,
    decision: decision
      ? {
          outcome: decision.outcome,
          decidedAt: decision.decidedAt,
          decidedBy: decision.decidedBy,
          decidedByName: names.get(decision.decidedBy) ?? null,
          reason: (decision.reason as DeclineReason | undefined) ?? null,
          note: decision.note ?? null,
          reapply: (decision.reapply as Reapply | undefined) ?? null,
        }
      : null,
    ambassadorId: application.ambassadorId ?? null,
    mailTrouble: mailTrouble ?? null,
    undoForMs: undoForMs(application, now),
  };
}
