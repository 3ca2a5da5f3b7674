import type { Effect, Id, MailTrouble } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { epochS } from "../kernel/time.ts";
import { mailTroubles } from "../mailbox/index.ts";
import { namesOf } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, listPage, type Page } from "../table/read.ts";
import { write } from "../table/transact.ts";
import { EffectEntity, type EffectItem, effectShards } from "./effect.entity.ts";
import { effectKey } from "./effect.ts";

/** Effects that wait, were given up or skipped; the last two are what a person should see. */
export async function list(
  ctx: Context,
  { state, cursor }: { state: "waiting" | "dead" | "skipped"; cursor?: string | undefined },
): Promise<Page<Effect>> {
  authorize(ctx.actor, "effect.read");
  const partitions =
    state !== "waiting"
      ? [{ index: "gsi2" as const, pk: `EFFECTS#${state}` }]
      : Array.from({ length: effectShards }, (_, shard) => ({
          index: "gsi1" as const,
          pk: `EFFECTS#waiting#${shard}`,
        }));
  return listPage(ctx.table, partitions, {
    cursor,
    hydrate: async (found) => {
      const items = await getItems(ctx.table, found as unknown as Key[]);
      const effects = items.map((item) => {
        const effect = parse(EffectEntity, item);
        return effect?.state === state && !expired(ctx, effect) ? effect : undefined;
      });
      const personIds = effects.map((effect) => effect?.personId);
      const [names, troubles] = await Promise.all([namesOf(ctx.table, personIds), mailTroubles(ctx, personIds)]);
      return effects.map((effect) => effect && serialize(effect, names, troubles));
    },
  });
}

const expired = (ctx: Context, { expiresAtEpochS }: EffectItem): boolean =>
  expiresAtEpochS !== undefined && expiresAtEpochS <= epochS(ctx.now());

/**
 * Gives an effect that is dead or was skipped its tries again; the minute's sweep runs it, by the state of then.
 * @throws AppError not_found; conflict where it is neither
 */
export async function retry(ctx: Context, id: string): Promise<Effect> {
  authorize(ctx.actor, "effect.retry");
  const before = parse(EffectEntity, await getItem(ctx.table, effectKey(id)));
  if (!before || expired(ctx, before)) throw notFound();
  if (await remembered(ctx)) return serialize(before);
  const notDead = new AppError(
    "conflict",
    "effect.not_dead",
    "This is done or will be tried again by itself. There is nothing to do.",
  );
  if (before.state !== "dead" && before.state !== "skipped") throw notDead;
  const next: EffectItem = {
    ...before,
    state: "waiting",
    personId: undefined,
    expiresAtEpochS: undefined,
    attempts: 0,
    nextAttemptAt: ctx.now().toISOString(),
    fence: before.fence + 1,
  };
  const done = await commit(ctx, [
    write.put(
      "effect",
      EffectEntity.put(next)
        .where((a, o) => o.eq(a.fence, before.fence))
        .params({ table: ctx.table.name }),
    ),
    recordAudit(ctx, {
      action: "effect.retried",
      subject: id,
      before: { state: before.state },
      after: { state: "waiting" },
    }),
  ]);
  if (!done.ok) throw notDead;
  return serialize(next);
}

const serialize = (
  effect: EffectItem,
  names: ReadonlyMap<string, string> = new Map(),
  troubles: ReadonlyMap<string, MailTrouble> = new Map(),
): Effect => ({
  id: effect.id,
  kind: effect.kind,
  // The look-up key of an address is nobody's business.
  subject: effect.kind === "mail.sign_in" ? "a sign-in" : effect.subject,
  state: effect.state,
  attempts: effect.attempts,
  createdAt: effect.createdAt,
  nextAttemptAt: effect.state === "waiting" ? effect.nextAttemptAt : null,
  lastError: effect.lastError ?? null,
  person: effect.personId
    ? {
        id: effect.personId as Id<"person">,
        name: names.get(effect.personId) ?? "Erased",
        mailTrouble: troubles.get(effect.personId) ?? null,
      }
    : null,
});
