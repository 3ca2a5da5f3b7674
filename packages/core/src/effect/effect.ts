import type { Context } from "../kernel/context.ts";
import { type Write, write } from "../table/transact.ts";
import { EffectEntity, type EffectItem, effectShards } from "./effect.entity.ts";

/** Every kind of effect and what it needs to know beside its subject. */
export interface EffectKinds {
  /** subject: application id. Asks the applicant to confirm the address. */
  "mail.application_confirm": Record<string, never>;
  /** subject: application id. Sent instead of a second application. */
  "mail.application_status": Record<string, never>;
  /** subject: application id. */
  "mail.application_decided": Record<string, never>;
  /** subject: e-mail key. Nothing happens where nobody of the program has that address. */
  "mail.sign_in": Record<string, never>;
  /** subject: ledger entry id. */
  "mail.you_earned": { ambassadorId: string };
  /** subject: code. Makes every checkout agree with what the code should be now. */
  "code.sync": Record<string, never>;
  /** subject: promotion code id. Learns whose it is, then decides the order again. */
  "promotion_code.fetch": { connectionId: string; orderId: string };
}
export type EffectKind = keyof EffectKinds;

const graceMs = 120_000;

export function newEffect<K extends EffectKind>(
  ctx: Context,
  kind: K,
  subject: string,
  data: EffectKinds[K],
  { id = ctx.newId("effect") as string, inMs = graceMs }: { id?: string; inMs?: number } = {},
): EffectItem {
  const now = ctx.now();
  return {
    id,
    kind,
    subject,
    data,
    state: "waiting",
    attempts: 0,
    createdAt: now.toISOString(),
    nextAttemptAt: new Date(now.getTime() + inMs).toISOString(),
    fence: 0,
    shard: shardOf(id),
  };
}

/**
 * The write that states an effect's intent, for the transaction that decided it. The stream consumer runs it at once.
 * Seeds and imports are silent: they intend no mail.
 */
export function intend<K extends EffectKind>(
  ctx: Context,
  kind: K,
  subject: string,
  data: EffectKinds[K],
  id?: string,
): Write[] {
  if (ctx.silent && kind.startsWith("mail.")) return [];
  const effect = newEffect(ctx, kind, subject, data, id ? { id } : {});
  return [write.put(effect.id, EffectEntity.create(effect).params({ table: ctx.table.name }))];
}

function shardOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % effectShards;
}
