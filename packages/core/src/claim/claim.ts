import { type ClaimAnswer, candidateRules, type OwnClaim } from "@laurel/contract";
import type { Actor } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { dayOf } from "../kernel/time.ts";
import type { OrderItem } from "../order/index.ts";
import type { ClaimItem } from "./claim.entity.ts";

/**
 * What an ambassador may be told at once about an order of a number and a day. Of an order that is not theirs only the rule
 * that decided about what names them: nothing about the buyer, not whose it is, and not whether it is anybody's.
 * @param orders those of that number, of any day
 */
export function answerOf(
  orders: readonly OrderItem[],
  { ambassadorId, orderedOn, timeZone }: { ambassadorId: string; orderedOn: string; timeZone: string },
): Pick<ClaimAnswer, "answer" | "sentence" | "orderId"> {
  const ofDay = orders.filter((order) => dayOf(timeZone, new Date(order.occurredAt)) === orderedOn);
  const own = ofDay.find((order) => order.attribution?.ambassadorId === ambassadorId);
  if (own) return { answer: "yours", sentence: "This order is yours. Its receipt tells the rest.", orderId: own.id };
  const [other] = ofDay;
  if (!other)
    return {
      answer: "unknown",
      sentence: "We know no order with this number from this day. Tell us about it, and somebody will look for it.",
      orderId: null,
    };
  const rule = other.receipt.candidates.find((each) => each.ambassadorId === ambassadorId)?.rule;
  return {
    answer: "not_yours",
    sentence: rule
      ? `We know this order, and it is not yours. ${candidateRules[rule]}.`
      : "We know this order, and it is not yours. Neither your code nor your link was seen on it.",
    orderId: null,
  };
}

/** Also of somebody who is not an ambassador any more. */
export const isOwn = (actor: Actor, { ambassadorId, personId }: ClaimItem): boolean =>
  actor.kind === "person" && (actor.ambassadorId === ambassadorId || actor.personId === personId);

export const viewOwn = (claim: ClaimItem): OwnClaim => ({
  id: claim.id,
  orderNumber: claim.orderNumber,
  orderedOn: claim.orderedOn,
  state: claim.state,
  createdAt: claim.createdAt,
  dueOn: claim.dueOn,
  decidedAt: claim.decidedAt ?? null,
  // What is said for the time after a second person's yes is not said before it.
  reason: claim.state === "open" ? null : (claim.reason ?? null),
  orderId: claim.state === "approved" ? (claim.orderId ?? null) : null,
});

export const claimDecided = () =>
  new AppError("conflict", "claim.decided", "This claim was decided or withdrawn meanwhile. Reload to see how.");
export const claimWaits = () =>
  new AppError(
    "conflict",
    "claim.waits",
    "The correction for this claim waits for a second person. The claim is decided with it; reject that one to decide otherwise.",
  );
export const ownClaim = () =>
  new AppError("forbidden", "claim.own", "This is your own claim. Somebody else of the team has to decide it.");
