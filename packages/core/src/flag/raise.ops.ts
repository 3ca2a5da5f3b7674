import type { Flag, RaiseFlag } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { leftOf } from "../commission/index.ts";
import { remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { derivedId } from "../kernel/ids.ts";
import { authorize } from "../kernel/permission.ts";
import { type Changed, changeOrder, changeTogether, type Loaded, type OrderItem } from "../order/index.ts";
import { fraudOf, type ProgramSnapshot } from "../program/index.ts";
import { getItems } from "../table/read.ts";
import { type FlagItem, flagKey } from "./flag.entity.ts";
import { concerns, createFlag, ownAffair, withHold } from "./flag.ts";
import { get } from "./read.ops.ts";
import type { Finding } from "./rules.ts";

const dayMs = 86_400_000;
/** An order keeps so many reasons to be held, ended ones too; the rest of its room is for what the checkout tells. */
const mostHolds = 14;
/** Orders whose flags are raised in one transaction: each takes an order, a commission, an entry and its flags. */
const together = 15;

type Raised = Pick<FlagItem, "id" | "orderId" | "ambassadorId" | "code" | "rule" | "severity" | "evidence"> & {
  raisedBy?: string;
};

/** A new flag; it expires so many days from now as the program says now. */
function flagOf(ctx: Context, snapshot: ProgramSnapshot, what: Raised): FlagItem {
  const now = ctx.now();
  const expiresAt = new Date(now.getTime() + fraudOf(snapshot.program).expiryDays * dayMs).toISOString();
  return { ...what, state: "open", raisedAt: now.toISOString(), expiresAt, listedAt: expiresAt, version: 1 };
}

/** What rules have found in an order, and whose it was. */
export interface Found {
  orderId: string;
  ambassadorId: string;
  findings: readonly Finding[];
}

/**
 * Raises what rules have found in several orders. Those of one ambassador in few transactions: each changes their account, and
 * of many that do so at once most would have to wait for each other. Where that can't be, each order by itself.
 * @returns of each, in their order, how it ended: the flags that are new
 */
export async function raiseAll(ctx: Context, all: readonly Found[]): Promise<PromiseSettledResult<FlagItem[]>[]> {
  const ends = new Map<Found, PromiseSettledResult<FlagItem[]>>();
  const groups = Map.groupBy(all, ({ ambassadorId }) => ambassadorId);
  await Promise.all(
    [...groups.values()].map(async (group) => {
      for (let at = 0; at < group.length; at += together) {
        const some = group.slice(at, at + together);
        const raised = some.length > 1 ? await raiseTogether(ctx, some) : undefined;
        for (const [n, each] of some.entries())
          ends.set(
            each,
            raised
              ? { status: "fulfilled", value: raised[n]! }
              : (await Promise.allSettled([raiseFound(ctx, each)]))[0],
          );
      }
    }),
  );
  return all.map((each) => ends.get(each)!);
}

/** Undefined where nothing was written, or nobody knows: then it is done again, which raises nothing twice. */
async function raiseTogether(ctx: Context, some: readonly Found[]): Promise<FlagItem[][] | undefined> {
  assert(ctx.actor.kind === "system", "only the program itself raises by rule");
  let raised: FlagItem[][] = [];
  try {
    const done = await changeTogether(
      ctx,
      some.map(({ orderId }) => orderId),
      async (loaded, snapshot) => {
        const known = await knownOf(ctx, some);
        raised = some.map((found, at) => raisedBy(ctx, snapshot, { loaded: loaded[at]!, found, known }));
        return raised.map((flags, at) => withFlags(ctx, loaded[at]!.order, flags));
      },
    );
    return done ? raised : undefined;
  } catch (error) {
    ctx.log.warn("flag.not_raised_together", { orders: some.length, ...errorOf(error) });
    return undefined;
  }
}

/** The flags of these findings that were raised before, by id. */
async function knownOf(ctx: Context, some: readonly Found[]): Promise<ReadonlySet<string>> {
  const ids = some.flatMap(idsOf);
  const items = await getItems(ctx.table, ids.map(flagKey));
  return new Set(ids.filter((_, at) => items[at]));
}

/** A rule says a thing once for an order and its ambassador. */
const idsOf = ({ orderId, ambassadorId, findings }: Found): string[] =>
  findings.map(({ rule }) => derivedId("flag", orderId, `${rule} ${ambassadorId}`));

/** The flags that findings raise: none where there is nothing to hold any more. */
function raisedBy(
  ctx: Context,
  snapshot: ProgramSnapshot,
  { loaded, found, known }: { loaded: Loaded; found: Found; known: ReadonlySet<string> },
): FlagItem[] {
  const { order, commission } = loaded;
  const { orderId, ambassadorId, findings } = found;
  if (order.attribution?.ambassadorId !== ambassadorId || !commission || leftOf(commission) === 0) return [];
  const room = Math.max(0, mostHolds - Object.keys(order.holds ?? {}).length);
  const ids = idsOf(found);
  return findings
    .map(({ rule, severity, evidence }, at) => ({ id: ids[at]!, rule, severity, evidence }))
    .filter(({ id }) => !known.has(id))
    .slice(0, room)
    .map((finding) => flagOf(ctx, snapshot, { ...finding, orderId, ambassadorId, code: order.attribution?.code }));
}

const withFlags = (ctx: Context, order: OrderItem, flags: readonly FlagItem[]): Changed | undefined =>
  flags.length === 0
    ? undefined
    : { order: flags.reduce(withHold, order), writes: [], beside: flags.map((flag) => createFlag(ctx, flag)) };

/**
 * Raises what rules have found in an order and holds what it earns, in one transaction with the order. Each rule raises once
 * for an order and its ambassador, whatever became of that; nothing is raised where there is nothing left to hold.
 * @returns the flags that are new
 */
async function raiseFound(ctx: Context, found: Found): Promise<FlagItem[]> {
  assert(ctx.actor.kind === "system", "only the program itself raises by rule");
  let raised: FlagItem[] = [];
  await changeOrder(ctx, found.orderId, async (loaded, snapshot) => {
    raised = raisedBy(ctx, snapshot, { loaded, found, known: await knownOf(ctx, [found]) });
    return withFlags(ctx, loaded.order, raised);
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
    if (concerns(actor, order)) throw ownAffair();
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
