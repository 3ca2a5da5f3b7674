import {
  type ApplicantView,
  type Application,
  type ApplicationStatus,
  type Channel,
  type DeclineReason,
  declineReasons,
  type Reapply,
} from "@laurel/contract";
import { AppError } from "../kernel/errors.ts";
import { addDays } from "../kernel/time.ts";
import type { Answers } from "../person/index.ts";
import type { ApplicationItem } from "./application.entity.ts";
import type { Claim } from "./claim.entity.ts";

/** So long after submitting the address can be confirmed. */
export const confirmWithinMs = 7 * 24 * 3600 * 1000;

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
  };
}
