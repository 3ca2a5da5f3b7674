import { EffectEntity, type EffectItem, effectKey, effectShards, keptEndedS } from "../effect/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { epochS } from "../kernel/time.ts";
import { parse } from "../table/entity.ts";
import { getItem, type Item, queryPage } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { perform } from "./perform.ts";

const leaseMs = 60_000;
const maxAttempts = 8;
const sweepMs = 40_000;

/** 5 s, 20 s, 80 s … up to 6 h: an outage of a day is survived before an effect is dead. */
const backoffMs = (attempts: number): number => Math.min(5_000 * 4 ** (attempts - 1), 6 * 3_600_000);

/**
 * Runs one effect if it is waiting and nobody else has it. Its failure is its own: it is recorded and tried again later,
 * and never thrown. What cannot be helped by trying (`rejected`, `invalid`, `not_found`) is dead at once, and what a mailbox
 * does not take is skipped.
 */
export async function runEffect(ctx: Context, id: string): Promise<void> {
  const effect = await claim(ctx, id);
  if (!effect) return;
  try {
    const skipped = await perform(ctx, effect);
    await end(ctx, effect, {
      expiresAtEpochS: epochS(ctx.now()) + keptEndedS,
      ...(skipped
        ? { state: "skipped", lastError: skipped.why, personId: skipped.personId }
        : { state: "done", lastError: undefined }),
    });
  } catch (error) {
    const lastError = error instanceof Error ? error.message.slice(0, 500) : String(error);
    const definite =
      error instanceof AppError &&
      error.kind !== "unavailable" &&
      error.kind !== "conflict" &&
      error.kind !== "rate_limited";
    const dead = definite || effect.attempts >= maxAttempts;
    ctx.log.warn("effect.failed", {
      effectId: id,
      kind: effect.kind,
      attempts: effect.attempts,
      dead,
      ...errorOf(error),
    });
    ctx.metrics.record("FailedTries");
    if ((await end(ctx, effect, { state: dead ? "dead" : "waiting", lastError })) && dead)
      ctx.metrics.record("DeadLetters");
  }
}

/** Takes the lease by the real clock, and counts the try. Undefined where there is nothing to run, or somebody runs it. */
async function claim(ctx: Context, id: string): Promise<EffectItem | undefined> {
  const nowMs = Date.now();
  const before = parse(EffectEntity, await getItem(ctx.table, effectKey(id)));
  if (before?.state !== "waiting" || (before.leaseUntilMs ?? 0) > nowMs) return undefined;
  if (before.notBefore !== undefined && before.notBefore > ctx.now().toISOString()) return undefined;
  const attempts = before.attempts + 1;
  const next: EffectItem = {
    ...before,
    attempts,
    fence: before.fence + 1,
    leaseUntilMs: nowMs + leaseMs,
    nextAttemptAt: new Date(ctx.now().getTime() + Math.max(leaseMs, backoffMs(attempts))).toISOString(),
  };
  const done = await transact(ctx.table, [
    write.put(
      "effect",
      EffectEntity.put(next)
        .where((a, o) => o.eq(a.fence, before.fence))
        .params({ table: ctx.table.name }),
    ),
  ]);
  return done.ok ? next : undefined;
}

/** Records the end of a try, unless a later claim has taken the effect over: then false. */
async function end(ctx: Context, effect: EffectItem, change: Partial<EffectItem>): Promise<boolean> {
  const next: EffectItem = {
    ...effect,
    ...change,
    leaseUntilMs: undefined,
    nextAttemptAt:
      change.state === "waiting"
        ? new Date(ctx.now().getTime() + backoffMs(effect.attempts)).toISOString()
        : ctx.now().toISOString(),
  };
  const done = await transact(ctx.table, [
    write.put(
      "effect",
      EffectEntity.put(next)
        .where((a, o) => o.eq(a.fence, effect.fence))
        .params({ table: ctx.table.name }),
    ),
  ]);
  return done.ok;
}

/**
 * Runs what is due: what the stream lost, what failed before, and what was to wait. Returns how many were tried.
 * @param deadline epoch ms of the real clock after which no more is begun: many mails of one job are due at once
 */
export async function sweepEffects(ctx: Context, deadline = Date.now() + sweepMs): Promise<number> {
  let tried = 0;
  for (let shard = 0; shard < effectShards; shard++) {
    let after: Item | undefined;
    do {
      const { items, last } = await queryPage(
        ctx.table,
        { index: "gsi1", pk: `EFFECTS#waiting#${shard}`, skUpTo: `${ctx.now().toISOString()}~` },
        { limit: 25, newestFirst: false, after },
      );
      for (const item of items) await runEffect(ctx, (item.pk as string).slice("EFFECT#".length));
      tried += items.length;
      after = last;
    } while (after && Date.now() < deadline);
  }
  return tried;
}

/** Puts an effect that derives from something else, unless it exists. Its insert makes the consumer run it. */
export async function putEffect(ctx: Context, effect: EffectItem): Promise<void> {
  await transact(ctx.table, [write.put("effect", EffectEntity.create(effect).params({ table: ctx.table.name }))]);
}
