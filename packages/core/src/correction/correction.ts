import type { CorrectionKind } from "@laurel/contract";
import type { Actor } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { shareOf } from "../kernel/money.ts";
import type { CorrectionItem } from "./correction.entity.ts";

/** A person of the team who corrects or decides. */
export type Person = Extract<Actor, { kind: "person" }>;

export const kindOf = (from: string | undefined, to: string | undefined): CorrectionKind =>
  to === undefined ? "remove" : from === undefined ? "attribute" : "move";

/**
 * What a correction moves at most: what the order earns before anything goes back, at the higher of both rates. Refunds do not
 * make it less, since one that fails gives the money back; nor does a payment that is still to come.
 */
export const stakeOf = (baseMinor: number, rates: readonly (number | undefined)[]): number =>
  Math.max(0, ...rates.map((rateBp) => (rateBp === undefined ? 0 : shareOf(baseMinor, rateBp))));

/** Whether it is about the person's own orders: theirs now, theirs then, or bought by them. */
export const concerns = (person: Person, whose: readonly (string | undefined)[]): boolean =>
  person.ambassadorId !== null && whose.includes(person.ambassadorId);

/** Whether a person may let a waiting correction become true: not their own word, and nothing about themselves. */
export const mayApprove = (
  person: Person,
  correction: Pick<CorrectionItem, "state" | "proposedBy" | "fromAmbassadorId" | "toAmbassadorId">,
): boolean =>
  correction.state === "proposed" &&
  correction.proposedBy !== person.personId &&
  !concerns(person, [correction.fromAmbassadorId, correction.toAmbassadorId]);

export const ownCorrection = () =>
  new AppError(
    "forbidden",
    "correction.own",
    "This is about your own orders or earnings. Somebody else of the team has to decide it.",
  );
export const secondPerson = () =>
  new AppError(
    "forbidden",
    "correction.second_person",
    "You proposed this correction. Somebody else of the team has to approve it.",
  );
export const orderChanged = () =>
  new AppError(
    "conflict",
    "order.changed",
    "The order has changed since you looked. Look at what the correction would do now, and decide again.",
  );
export const correctionWaits = () =>
  new AppError(
    "conflict",
    "correction.waiting",
    "A correction of this order waits for a second person. Approve or reject that one first.",
  );
export const correctionDecided = () =>
  new AppError("conflict", "correction.decided", "Somebody else has decided this correction meanwhile.");
export const correctionOvertaken = () =>
  new AppError(
    "rejected",
    "correction.overtaken",
    "The order belongs to somebody else now than when this was proposed. Reject it, and propose it anew if it is still right.",
  );
