import type { Flag, ResolveFlag } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { authorize } from "../kernel/permission.ts";
import { changeOrder, handedOver } from "../order/index.ts";
import { type Item, queryPage } from "../table/read.ts";
import type { Write } from "../table/transact.ts";
import { alreadyEnded, concerns, ended, endFlag, ownAffair, withoutHold } from "./flag.ts";
import { existing, findFlag, get } from "./read.ops.ts";
import { titleOf } from "./rules.ts";

/**
 * Ends an open flag. Cleared, the money goes on unless something else holds it. Confirmed, the order is its ambassador's no
 * more: a new revision of its receipt, and what it earned is taken back. Of two who resolve at once, one does.
 * @throws AppError not_found; conflict where it has ended; forbidden about oneself, or to confirm what one raised oneself
 * @param also what a job writes with it, in the same transaction
 */
export async function resolve(
  ctx: Context,
  id: string,
  { outcome, reason }: ResolveFlag,
  also: readonly Write[] = [],
): Promise<Flag> {
  authorize(ctx.actor, "flag.resolve");
  if (await remembered(ctx)) return get(ctx, id);
  const { actor } = ctx;
  assert(actor.kind === "person", "a person resolves");
  const { orderId } = await existing(ctx, id);
  await changeOrder(ctx, orderId, async ({ order }, snapshot) => {
    const flag = await existing(ctx, id);
    if (concerns(actor, order, flag)) throw ownAffair();
    if (flag.state !== "open") throw alreadyEnded(flag.state);
    if (outcome === "confirmed" && flag.raisedBy === actor.personId)
      throw new AppError(
        "forbidden",
        "flag.raised_yourself",
        "You raised this flag yourself, so somebody else has to confirm it. You may clear it.",
      );
    const at = ctx.now().toISOString();
    const after = ended(flag, { state: outcome, at, by: actor.personId, reason });
    const released = withoutHold(order, id, at);
    // Corrected to somebody else meanwhile: what they earn is no matter of this flag.
    const taken = outcome === "confirmed" && order.attribution?.ambassadorId === flag.ambassadorId;
    const changed = taken
      ? await handedOver(ctx, snapshot, released, {
          to: undefined,
          reason: `fraud was confirmed (${titleOf(flag.rule)})`,
        })
      : { order: released, writes: [] };
    return {
      ...changed,
      beside: [
        endFlag(ctx, flag, after),
        recordAudit(ctx, {
          action: `flag.${outcome}`,
          subject: order.id,
          before: { ambassadorId: order.attribution?.ambassadorId ?? null, state: "open" },
          after: { ambassadorId: changed.order.attribution?.ambassadorId ?? null, state: outcome, flagId: id },
          note: reason,
        }),
        ...also,
      ],
      result: { flagId: id },
    };
  });
  return get(ctx, id);
}

const atOnce = 25;

/**
 * Ends flags at which nobody has looked in time, and lets go what nothing else holds.
 * @param deadline epoch ms of the real clock at which no further one is begun
 * @returns how many have expired
 */
export async function sweepFlags(ctx: Context, deadline = Date.now() + 30_000): Promise<number> {
  let [expired, failed] = [0, 0];
  let after: Item | undefined;
  do {
    const page = await queryPage(
      ctx.table,
      { index: "gsi1", pk: "FLAGS#open", skUpTo: `${ctx.now().toISOString()}~` },
      { limit: atOnce, newestFirst: false, after },
    );
    for (const key of page.items) {
      if (Date.now() > deadline) return expired;
      const id = (key.pk as string).slice("FLAG#".length);
      try {
        if (await expire(ctx, id)) expired++;
      } catch (error) {
        // The others do not wait for it; the next minute tries again.
        failed++;
        ctx.log.error("flag.not_expired", { flagId: id, ...errorOf(error) });
      }
    }
    after = page.last;
  } while (after && Date.now() < deadline);
  if (failed > 0) throw new Error(`${failed} flags could not be ended; the log has said why`);
  return expired;
}

async function expire(ctx: Context, id: string): Promise<boolean> {
  const found = await findFlag(ctx, id);
  let done = false;
  if (!found) return false;
  await changeOrder(ctx, found.orderId, async ({ order }) => {
    // The index may lag behind; the flag itself decides.
    const flag = await existing(ctx, id);
    const at = ctx.now().toISOString();
    done = flag.state === "open" && flag.expiresAt <= at;
    if (!done) return undefined;
    return {
      order: withoutHold(order, id, at),
      writes: [],
      beside: [
        endFlag(ctx, flag, ended(flag, { state: "expired", at })),
        recordAudit(ctx, {
          action: "flag.expired",
          subject: order.id,
          before: { state: "open" },
          after: { state: "expired", flagId: id },
        }),
      ],
    };
  });
  return done;
}
