import type { FlagState } from "@laurel/contract";
import type { Actor, Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import type { OrderItem } from "../order/index.ts";
import { type Write, write } from "../table/transact.ts";
import { FlagEntity, type FlagItem } from "./flag.entity.ts";

/** The name of the reason under which an order is held for a flag. */
export const reasonOf = (flagId: string): string => `flag:${flagId}`;

export const isOfFlag = (reason: string): boolean => reason.startsWith(reasonOf(""));

/** An order held for a flag, until it is resolved or expires, and as long as it is theirs of whom the flag tells. */
export const withHold = (order: OrderItem, { id, ambassadorId, raisedAt, expiresAt }: FlagItem): OrderItem => ({
  ...order,
  holds: { ...order.holds, [reasonOf(id)]: { since: raisedAt, until: expiresAt, ambassadorId } },
});

/** An order that a flag holds no longer. What else holds it goes on to do so. */
export function withoutHold(order: OrderItem, flagId: string, clearedAt: string): OrderItem {
  const before = order.holds?.[reasonOf(flagId)];
  if (!before || before.clearedAt) return order;
  return { ...order, holds: { ...order.holds, [reasonOf(flagId)]: { ...before, clearedAt } } };
}

/** An open flag as it ends. */
export const ended = (
  flag: FlagItem,
  how: { state: Exclude<FlagState, "open">; at: string; by?: string | undefined; reason?: string | undefined },
): FlagItem => ({
  ...flag,
  state: how.state,
  listedAt: how.at,
  resolvedAt: how.at,
  resolvedBy: how.by,
  reason: how.reason,
  version: flag.version + 1,
});

export const createFlag = (ctx: Context, flag: FlagItem): Write =>
  write.put(flag.id, FlagEntity.create(flag).params({ table: ctx.table.name }));

/** The write that ends a flag: refused once somebody else has. */
export const endFlag = (ctx: Context, before: FlagItem, after: FlagItem): Write =>
  write.put(
    before.id,
    FlagEntity.put(after)
      .where((a, o) => o.eq(a.version, before.version))
      .params({ table: ctx.table.name }),
  );

/** Nobody decides about an order that is or was theirs, or that they have bought. */
export const concerns = (actor: Actor, { attribution, receipt }: OrderItem, flag?: FlagItem): boolean =>
  actor.kind === "person" &&
  actor.ambassadorId !== null &&
  [flag?.ambassadorId, attribution?.ambassadorId, receipt.inputs?.buyerAmbassadorId].includes(actor.ambassadorId);

export const ownAffair = () =>
  new AppError("forbidden", "flag.about_yourself", "This is about an order of yours. Somebody else has to look at it.");

export const alreadyEnded = (state: FlagState) =>
  new AppError(
    "conflict",
    "flag.ended",
    state === "expired"
      ? "Nobody looked in time, so this flag has expired and holds nothing any more."
      : `Somebody has resolved this flag already: it is ${state}.`,
  );
