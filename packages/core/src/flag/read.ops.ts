import type { Flag, FlagState, FraudSignal } from "@laurel/contract";
import { namesOf } from "../ambassador/index.ts";
import { CommissionEntity, leftOf } from "../commission/index.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { authorize, mayActor } from "../kernel/permission.ts";
import { commissionKeyOf, findOrder, holdsOf } from "../order/index.ts";
import { namesOf as personNamesOf } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, listPage, type Page } from "../table/read.ts";
import { FlagEntity, type FlagItem, flagKey } from "./flag.entity.ts";
import { concerns, reasonOf } from "./flag.ts";
import { rules, sentencesOf, titleOf } from "./rules.ts";

export const findFlag = async (ctx: Context, id: string): Promise<FlagItem | undefined> =>
  parse(FlagEntity, await getItem(ctx.table, flagKey(id)));

/** @throws AppError not_found */
export async function existing(ctx: Context, id: string): Promise<FlagItem> {
  const flag = await findFlag(ctx, id);
  if (!flag) throw notFound();
  return flag;
}

/** Flags of one state: open ones as they expire, the first first; ended ones with the last first. */
export async function list(
  ctx: Context,
  { state, ambassadorId, cursor }: { state: FlagState; ambassadorId?: string | undefined; cursor?: string | undefined },
): Promise<Page<Flag>> {
  authorize(ctx.actor, "flag.read");
  const partition = ambassadorId
    ? { index: "gsi2" as const, pk: `AMBFLAGS#${ambassadorId}`, skPrefix: `${state}#` }
    : { index: "gsi1" as const, pk: `FLAGS#${state}` };
  return listPage(ctx.table, [partition], {
    cursor,
    newestFirst: state !== "open",
    hydrate: async (found) => {
      const items = await getItems(ctx.table, found as unknown as Key[]);
      const flags = items.map((item) => parse(FlagEntity, item));
      // The index may lag behind.
      return views(
        ctx,
        flags.map((flag) => (flag?.state === state ? flag : undefined)),
      );
    },
  });
}

/** The signals that are looked for, as they are applied unless the program says otherwise. */
export function signals(ctx: Context): { items: FraudSignal[] } {
  authorize(ctx.actor, "flag.read");
  return {
    items: rules.map(({ name, title, severity, looksAt, window, threshold }) => ({
      rule: name,
      title,
      severity,
      looksAt,
      window,
      threshold,
    })),
  };
}

/** One flag with its evidence. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<Flag> {
  authorize(ctx.actor, "flag.read");
  const [view] = await views(ctx, [await existing(ctx, id)]);
  if (!view) throw notFound();
  return view;
}

/** Flags as staff see them, each with what it holds now. */
async function views(ctx: Context, flags: readonly (FlagItem | undefined)[]): Promise<(Flag | undefined)[]> {
  const there = flags.filter((flag) => flag !== undefined);
  const [names, people, orders] = await Promise.all([
    namesOf(
      ctx,
      there.map((flag) => flag.ambassadorId),
    ),
    personNamesOf(
      ctx.table,
      there.map((flag) => flag.resolvedBy),
    ),
    Promise.all(there.map((flag) => findOrder(ctx, flag.orderId))),
  ]);
  const orderOf = new Map(there.map((flag, at) => [flag.id, orders[at]]));
  const held = there.flatMap((flag) => {
    const order = orderOf.get(flag.id);
    return order?.attribution ? [[flag.id, commissionKeyOf(order.attribution.ambassadorId, order)] as const] : [];
  });
  const commissions = await getItems(
    ctx.table,
    held.map(([, key]) => key),
  );
  const commissionOf = new Map(held.map(([id], at) => [id, parse(CommissionEntity, commissions[at])]));
  return flags.map((flag) => {
    const order = flag && orderOf.get(flag.id);
    if (!flag || !order) return undefined;
    const commission = commissionOf.get(flag.id);
    const reasons = holdsOf(order).map(({ reason }) => reason);
    const holds = reasons.includes(reasonOf(flag.id)) && commission?.place === "held" && leftOf(commission) > 0;
    const mayResolve =
      flag.state === "open" && mayActor(ctx.actor, "flag.resolve") && !concerns(ctx.actor, order, flag);
    return {
      id: flag.id,
      orderId: order.id,
      orderNumber: order.number ?? null,
      orderedAt: order.occurredAt,
      ambassadorId: flag.ambassadorId,
      ambassadorName: names.get(flag.ambassadorId) ?? "Erased",
      code: flag.code ?? null,
      rule: flag.rule,
      title: titleOf(flag.rule),
      severity: flag.severity,
      state: flag.state,
      evidence: sentencesOf(flag.rule, flag.evidence),
      raisedAt: flag.raisedAt,
      expiresAt: flag.expiresAt,
      held: holds ? { currency: commission.currency, amountMinor: leftOf(commission) } : null,
      otherHolds: reasons.filter((reason) => reason !== reasonOf(flag.id)).length,
      resolution: flag.resolvedAt
        ? {
            at: flag.resolvedAt,
            byName: flag.resolvedBy ? (people.get(flag.resolvedBy) ?? "Erased") : null,
            reason: flag.reason ?? null,
          }
        : null,
      mayResolve,
      mayConfirm: mayResolve && !(ctx.actor.kind === "person" && ctx.actor.personId === flag.raisedBy),
    };
  });
}
