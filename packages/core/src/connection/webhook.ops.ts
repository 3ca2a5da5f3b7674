import type { Connection as Shown } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { EffectEntity, type EffectItem, effectKey, intend } from "../effect/index.ts";
import { newJob } from "../job/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact } from "../table/transact.ts";
import { isActive } from "./connection.entity.ts";
import { connectorOf } from "./connector.ts";
import { busy, holding, loadConnection, replaceConnection } from "./lease.ts";
import { get } from "./list.ops.ts";
import { mustBeActive } from "./state.ts";

/** So long the secret before a new one holds too: what was signed with it may still be on its way. */
const formerMs = 24 * 3_600_000;
/** Far more than are ever valid at once; each is a try of ours that a crash cut short. */
const mostSecrets = 10;

/**
 * Has a new webhook made in place of the one there is, with a new signing secret; until then, and a day longer, the former
 * secret holds too.
 * @throws AppError not_found; conflict unless the connection is active and nothing else is being done
 */
export async function renewWebhook(ctx: Context, id: string): Promise<Shown> {
  authorize(ctx.actor, "connection.change");
  if (await remembered(ctx)) return get(ctx, id);
  const read = await loadConnection(ctx, id);
  mustBeActive(read);
  connectorOf(read.provider);
  if (read.webhookEffectId) {
    const effect = parse(EffectEntity, await getItem(ctx.table, effectKey(read.webhookEffectId)));
    if (effect?.state === "waiting") throw busy();
  }
  const effectId = ctx.newId("effect");
  const done = await commit(ctx, [
    replaceConnection(ctx, read, { webhookEffectId: effectId }).write,
    ...intend(ctx, "connection.webhook", id, {}, { id: effectId }),
    recordAudit(ctx, { action: "connection.webhook_renewal_begun", subject: id }),
  ]);
  if (!done.ok) throw busy();
  return get(ctx, id);
}

/**
 * Makes a connection's webhook and keeps its secret; the first one makes the connection active, and has the codes put there.
 * What an earlier try has left at the provider is deleted first, since its secret may not have been kept.
 * @param effect by which it was intended; one that something newer has taken the place of does nothing
 */
export async function makeWebhook(ctx: Context, id: string, effect: EffectItem): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself makes webhooks");
  const read = await loadConnection(ctx, id);
  if (read.disconnectedAt || read.webhookEffectId !== effect.id) return;
  const connector = connectorOf(read.provider);
  await holding(ctx, id, async ({ connection, inTime }) => {
    if (connection.disconnectedAt || connection.webhookEffectId !== effect.id) throw busy();
    const first = connection.connectingAt !== undefined;
    const secrets = await ctx.gateways.secrets.latestOfConnection(id);
    if (!secrets) throw new AppError("rejected", "connection.no_key", "Its key is not kept any more. Enter it again.");
    const opened = { connection, secrets };
    await connector.sweepWebhooks(ctx, opened, first ? undefined : connection.webhookId);
    const made = await connector.makeWebhook(ctx, opened, `webhook:${effect.id}:${effect.fence}`);
    inTime();
    const former = first ? [] : secrets.webhookSecrets.filter((secret) => secret !== made.secret);
    const webhookSecrets = [made.secret, ...former].slice(0, mostSecrets);
    await ctx.gateways.secrets.putConnection(id, { ...secrets, webhookSecrets });

    const now = ctx.now();
    const until = new Date(now.getTime() + formerMs).toISOString();
    const codes = first ? newJob(ctx, { kind: "connection.codes", input: { connectionId: id }, total: 0 }) : undefined;
    const done = await transact(ctx.table, [
      replaceConnection(ctx, connection, {
        connectingAt: undefined,
        connectedAt: first ? now.toISOString() : connection.connectedAt,
        webhookId: made.id,
        webhookMark: connector.webhookMark(),
        webhookEffectId: undefined,
        formerSecretUntil: first ? undefined : until,
        codesJobId: codes?.job.id ?? connection.codesJobId,
        leaseUntilMs: undefined,
      }).write,
      ...(codes?.writes ?? []),
      ...(first
        ? []
        : [...intend(ctx, "connection.tidy", id, {}), ...intend(ctx, "connection.tidy", id, {}, { notBefore: until })]),
      recordAudit(ctx, { action: first ? "connection.connected" : "connection.webhook_renewed", subject: id }),
    ]);
    // Disconnected meanwhile, as it seems: the next try finds that out.
    if (!done.ok) throw busy();
  });
}

/** Ends what a renewal has left: the former webhook at once, and the former secret once its time is over. */
export async function tidyConnection(ctx: Context, id: string): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself tidies up");
  const read = await loadConnection(ctx, id);
  if (!isActive(read)) return;
  const connector = connectorOf(read.provider);
  await holding(ctx, id, async ({ connection, inTime }) => {
    const { formerSecretUntil } = connection;
    const over = formerSecretUntil !== undefined && formerSecretUntil <= ctx.now().toISOString();
    const secrets = await ctx.gateways.secrets.latestOfConnection(id);
    if (!isActive(connection) || !secrets) throw busy();
    await connector.sweepWebhooks(ctx, { connection, secrets }, connection.webhookId);
    if (over) {
      inTime();
      await ctx.gateways.secrets.putConnection(id, { ...secrets, webhookSecrets: secrets.webhookSecrets.slice(0, 1) });
    }
    const changes = { leaseUntilMs: undefined, ...(over ? { formerSecretUntil: undefined } : {}) };
    if (!(await transact(ctx.table, [replaceConnection(ctx, connection, changes).write])).ok) throw busy();
  });
}
