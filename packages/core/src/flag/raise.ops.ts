import type { Flag, RaiseFlag } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { leftOf } from "../commission/index.ts";
import { remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { derivedId } from "../kernel/ids.ts";
import { authorize } from "../kernel/permission.ts";
import { changeOrder } from "../order/index.ts";
import { fraudOf, type ProgramSnapshot } from "../program/index.ts";
import { getItems } from "../table/read.ts";
import { type FlagItem, flagKey } from "./flag.entity.ts";
import { concerns, createFlag, ownAffair, withHold } from "./flag.ts";
import { get } from "./read.ops.ts";
import type { Finding } from "./rules.ts";

const dayMs = 86_400_000;
/** An order keeps so many reasons to be held, ended ones too; the rest of its room is for what the checkout tells. */
const mostHolds = 14;

type Raised = Pick<FlagItem, "id" | "orderId" | "ambassadorId" | "code" | "rule" | "severity" | "evidence"> & {
  raisedBy?: string;
};

/** A new flag; it expires so many days from now as the program says now. */
function flagOf(ctx: Context, snapshot: ProgramSnapshot, what: Raised): FlagItem {
  const now = ctx.now();
  const expiresAt = new Date(now.getTime() + fraudOf(snapshot.program).expiryDays * dayMs).toISOString();
  return { ...what, state: "open", raisedAt: now.toISOString(), expiresAt, listedAt: expiresAt, version: 1 };
}

/**
 * Raises what rules have found in an order and holds what it earns, in one transaction with the order. Each rule raises once
 * for an order and its ambassador, whatever became of that; nothing is raised where there is nothing left to hold.
 * @returns the flags that are new
 */
export async function raiseFound(
  ctx: Context,
  orderId: string,
  ambassadorId: string,
  found: readonly Finding[],
): Promise<FlagItem[]> {
  assert(ctx.actor.kind === "system", "only the program itself raises by rule");
  let raised: FlagItem[] = [];
  await changeOrder(ctx, orderId, async ({ order, commission }, snapshot) => {
    raised = [];
    if (order.attribution?.ambassadorId !== ambassadorId || !commission || leftOf(commission) === 0) return undefined;
    const all = found.map((finding) => ({
      ...finding,
      id: derivedId("flag", orderId, `${finding.rule} ${ambassadorId}`),
    }));
    const known = await getItems(
      ctx.table,
      all.map(({ id }) => flagKey(id)),
    );
    const room = mostHolds - Object.keys(order.holds ?? {}).length;
    raised = all
      .filter((_, at) => !known[at])
      .slice(0, Math.max(0, room))
      .map(({ id, rule, severity, evidence }) =>
        flagOf(ctx, snapshot, {
          id,
          orderId,
          ambassadorId,
          code: order.attribution?.code,
          rule,
          severity,
          evidence,
        }),
      );
    if (raised.length === 0) return undefined;
    return { order: raised.reduce(withHold, order), writes: [], beside: raised.map((flag) => createFlag(ctx, flag)) };
  });
  return raised;
}

/**
 * Flags an order by hand, for a reason, and holds what it earns.
 * @throws AppError not_found; rejected where the order is nobody's or earns nothing; forbidden about oneself
 */
export async function raise(ctx: Context, orderId: string, { reason }: RaiseFlag): Promise<Flag> {
  authorize(ctx.actor, "flag.raise");
  const told = await remembered<{ flagId: string }>(ctx);
  if (told) return get(ctx, told.result.flagId);
  const { actor } = ctx;
  assert(actor.kind === "person", "a person raises by hand");
  const id = ctx.newId("flag");
  await changeOrder(ctx, orderId, async ({ order, commission }, snapshot) => {
    const { attribution } = order;
    if (!attribution || !commission || leftOf(commission) === 0)
      throw new AppError(
        "rejected",
        "flag.nothing_to_hold",
        "This order earns nobody anything, so there is nothing to hold.",
      );
    if (concerns(actor, attribution.ambassadorId)) throw ownAffair();
    if (Object.keys(order.holds ?? {}).length >= mostHolds)
      throw new AppError(
        "rejected",
        "flag.too_many",
        "This order has been flagged very often already. Correct whose it is instead.",
      );
    const flag = flagOf(ctx, snapshot, {
      id,
      orderId: order.id,
      ambassadorId: attribution.ambassadorId,
      code: attribution.code,
      rule: "by_hand",
      severity: "medium",
      evidence: { reason },
      raisedBy: actor.personId,
    });
    return {
      order: withHold(order, flag),
      writes: [],
      beside: [
        createFlag(ctx, flag),
        recordAudit(ctx, {
          action: "flag.raised",
          subject: order.id,
          after: { flagId: id, ambassadorId: flag.ambassadorId },
          note: reason,
        }),
      ],
      result: { flagId: id },
    };
  });
  return get(ctx, id);
}
