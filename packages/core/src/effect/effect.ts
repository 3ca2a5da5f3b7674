import type { Context } from "../kernel/context.ts";
import { epochS } from "../kernel/time.ts";
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
  /** subject: application id. Sent once the mail of the approval, where it is on its way, has left. */
  "mail.approval_undone": { approvalEffectId?: string };
  /** subject: e-mail key. Nothing happens where nobody of the program has that address. */
  "mail.sign_in": Record<string, never>;
  /** subject: ledger entry id. */
  "mail.you_earned": { ambassadorId: string };
  /** subject: claim id. */
  "mail.claim_decided": Record<string, never>;
  /** subject: code. Makes every checkout agree with what the code should be now. */
  "code.sync": Record<string, never>;
  /** subject: code. Learns whether it still works at every checkout, after something was changed there. */
  "code.check": Record<string, never>;
  /** subject: campaign id. Has each of its codes checked, after its discount was changed at a checkout. */
  "campaign.check": Record<string, never>;
  /** subject: connection id. Makes the webhook that calls us, anew where there is one. */
  "connection.webhook": Record<string, never>;
  /** subject: connection id. Ends what a renewed webhook has left: the former secret. */
  "connection.tidy": Record<string, never>;
  /** subject: connection id. Deletes the webhook and the secrets of one that was disconnected, or whose shop was erased. */
  "connection.close": { erased?: true };
  /** subject: promotion code id. Learns whose it is, then decides the order again, or the subscription. */
  "promotion_code.fetch": { connectionId: string; orderId?: string; subscriptionId?: string };
  /** subject: order id. Decides it again by what is known now. */
  "order.decide": Record<string, never>;
  /** subject: id of an order of theirs. Decides a customer's orders again, in the order in which they were placed. */
  "customer.decide": Record<string, never>;
  /** subject: order id. Looks for the checkout that it came from, unless that was told meanwhile. */
  "order.find_checkout": Record<string, never>;
  /** subject: order id. Applies the fraud rules to it, for the ambassador who earned by it. */
  "order.screen": { ambassadorId: string };
  /** subject: the code that was replaced, because it leaked or because a checkout did not take it. Tells its owner of the new one. */
  "mail.code_rotated": { failed?: true };
  /** subject: the event that brought the request (`con_…~…`). Tells or erases what is kept of a buyer. */
  "privacy.fulfil": Record<string, never>;
}
export type EffectKind = keyof EffectKinds;

const graceMs = 120_000;
/** What has ended is kept so long. */
export const keptEndedS = 30 * 86_400;

export interface When {
  /** Where it derives from something else, so that it exists once. */
  id?: string;
  /** ISO. Nobody begins with it before, so that until then it can be cancelled. At once without. */
  notBefore?: string | undefined;
}

export function newEffect<K extends EffectKind>(
  ctx: Context,
  kind: K,
  subject: string,
  data: EffectKinds[K],
  { id = ctx.newId("effect"), notBefore }: When = {},
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
    // What waits is left to the sweep: the stream tells of it too early.
    nextAttemptAt: notBefore ?? new Date(now.getTime() + graceMs).toISOString(),
    notBefore,
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
  when: When = {},
): Write[] {
  if (ctx.silent && kind.startsWith("mail.")) return [];
  const effect = newEffect(ctx, kind, subject, data, when);
  return [write.put(effect.id, EffectEntity.create(effect).params({ table: ctx.table.name }))];
}

export const effectKey = (id: string) => ({ pk: `EFFECT#${id}`, sk: "EFFECT" });

/** Whether somebody has begun with an effect, so that it can't be taken back. */
export const begun = (effect: EffectItem): boolean => effect.state !== "waiting" || effect.fence > 0;

/** The name of the write that fails when somebody has begun with the effect. */
export const effectBegun = "effect.cancel";

/** The write that takes a waiting effect back, for the transaction that decides so. Refused once somebody has claimed it. */
export const cancel = (ctx: Context, effect: EffectItem): Write =>
  write.put(
    effectBegun,
    EffectEntity.put({
      ...effect,
      state: "cancelled",
      fence: effect.fence + 1,
      expiresAtEpochS: epochS(ctx.now()) + keptEndedS,
    })
      .where((a, o) => `${o.eq(a.state, "waiting")} AND ${o.eq(a.fence, effect.fence)}`)
      .params({ table: ctx.table.name }),
  );

function shardOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % effectShards;
}
