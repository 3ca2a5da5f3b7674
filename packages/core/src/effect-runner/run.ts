import {
  EffectEntity,
  type EffectItem,
  type EffectKind,
  type EffectKinds,
  effectKey,
  effectShards,
  keptEndedS,
} from "../effect/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { epochS } from "../kernel/time.ts";
import { type Screening, screenOrders } from "../screening/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, type Item, queryPage } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { perform } from "./perform.ts";
import type { Skipped } from "./send.ts";

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
  const effect = parse(EffectEntity, await getItem(ctx.table, effectKey(id)));
  if (effect) await Promise.all(runEffects(() => ctx, [effect]));
}

/**
 * Runs effects side by side; the screenings among them together, since those of a burst look at the same.
 * @param contextOf of each of them: what is done under one request's id is one effect
 * @param effects as they were written or read: whatever became of one since, its claim tells
 * @returns of each, when it has ended
 */
export function runEffects(contextOf: () => Context, effects: readonly EffectItem[]): Promise<void>[] {
  const contexts = effects.map(contextOf);
  const claims = effects.map((effect, at) => claim(contexts[at]!, effect));
  const screenings = screenClaimed(
    contextOf(),
    claims.filter((_, at) => isScreening(effects[at]!)),
  );
  const runs = claims.map(async (claimed, at) => {
    const ctx = contexts[at]!;
    const effect = await claimed;
    if (!effect) return;
    await tryOnce(ctx, effect, () =>
      isScreening(effect) ? screenings.then((of) => of(effect)) : perform(ctx, effect),
    );
  });
  // Each has somebody who waits for it, if not from the first moment on.
  for (const run of runs) run.catch(() => {});
  return runs;
}

/** Screens what could be claimed. @returns how it ended of each */
async function screenClaimed(
  ctx: Context,
  claims: readonly Promise<EffectItem | undefined>[],
): Promise<(effect: EffectItem) => undefined> {
  const settled = await Promise.allSettled(claims);
  const claimed = settled.flatMap((each) => (each.status === "fulfilled" && each.value ? [each.value] : []));
  const ends = await screenOrders(ctx, claimed.map(screeningOf));
  return (effect) => {
    const end = ends[claimed.indexOf(effect)]!;
    if (end.status === "rejected") throw end.reason;
    return undefined;
  };
}

const screeningOf = ({ subject, data }: EffectItem): Screening => ({
  orderId: subject,
  ambassadorId: (data as EffectKinds["order.screen"]).ambassadorId,
});

const isScreening = ({ kind }: EffectItem): boolean => kind === ("order.screen" satisfies EffectKind);

async function tryOnce(ctx: Context, effect: EffectItem, does: () => Promise<Skipped | undefined>): Promise<void> {
  try {
    const skipped = await does();
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
      effectId: effect.id,
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

/**
 * Takes the lease by the real clock, and counts the try. Undefined where there is nothing to run, or somebody runs it.
 * @param before as it was once; whatever changed it has raised its fence, and the claim is refused
 */
async function claim(ctx: Context, before: EffectItem): Promise<EffectItem | undefined> {
  const nowMs = Date.now();
  if (before.state !== "waiting" || (before.leaseUntilMs ?? 0) > nowMs) return undefined;
  if (before.notBefore !== undefined && before.notBefore > ctx.now().toISOString()) return undefined;
  if (before.attempts >= maxAttempts) {
    // A try that fails is recorded. These ended their process or its time, and one more would do the same.
    const lastError = "It was begun again and again, and never came to an end.";
    if (await end(ctx, before, { state: "dead", lastError })) ctx.metrics.record("DeadLetters");
    return undefined;
  }
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
      const found = (await getItems(ctx.table, items as unknown as Key[])).flatMap(
        (item) => parse(EffectEntity, item) ?? [],
      );
      await Promise.all(runEffects(() => ctx, found.filter(isScreening)));
      for (const effect of found) if (!isScreening(effect)) await Promise.all(runEffects(() => ctx, [effect]));
      tried += items.length;
      after = last;
    } while (after && Date.now() < deadline);
  }
  return tried;
}

/** Puts effects that derive from something else, unless they exist. Their inserts make the consumer run them. */
export async function putEffects(ctx: Context, effects: readonly EffectItem[]): Promise<void> {
  if (effects.length === 0) return;
  const create = (effect: EffectItem) =>
    write.put(effect.id, EffectEntity.create(effect).params({ table: ctx.table.name }));
  const done = await transact(ctx.table, effects.map(create));
  if (done.ok) return;
  const there = new Set(done.refusals.map(({ name }) => name));
  for (const effect of effects) if (!there.has(effect.id)) await transact(ctx.table, [create(effect)]);
}
