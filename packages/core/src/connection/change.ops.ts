import type { ChangeKey, Connection as Shown } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { intend } from "../effect/index.ts";
import { noKey } from "../gateway/secrets/port.ts";
import { findJob, finished, newJob } from "../job/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { transact } from "../table/transact.ts";
import type { Connection } from "./connection.entity.ts";
import { connectorOf } from "./connector.ts";
import { busy, holding, loadConnection, replaceConnection } from "./lease.ts";
import { get } from "./list.ops.ts";
import { mustBeActive } from "./state.ts";

/**
 * Uses another key of the same account from now on; webhook and codes stay as they are.
 * @throws AppError not_found; rejected for the provider's no, and for the key of another account; conflict unless active
 */
export async function changeKey(ctx: Context, id: string, { apiKey }: ChangeKey): Promise<Shown> {
  authorize(ctx.actor, "connection.change");
  if (await remembered(ctx)) return get(ctx, id);
  const read = await loadConnection(ctx, id);
  mustBeActive(read);
  if (read.provider !== "stripe")
    throw new AppError(
      "rejected",
      "connection.by_hand",
      "A shop's keys are changed by connecting it once more: enter its address and the new keys.",
    );
  const connector = connectorOf(read.provider);
  const { accountId } = read;
  const input = { provider: read.provider, apiKey, ...(accountId ? { accountId } : {}) };
  const identity = await connector.identify(ctx, input);
  if (identity.livemode !== read.livemode || (accountId && identity.accountId !== accountId))
    throw new AppError(
      "rejected",
      "connection.other_account",
      `This key belongs to another account, or to its other mode. “${read.name}” is of ${read.livemode ? "live" : "test"} mode${accountId ? ` of ${accountId}` : ""}.`,
    );
  return holding(ctx, id, async ({ connection, inTime }) => {
    mustBeActive(connection);
    const { secrets } = ctx.gateways;
    const kept = connector.secretsOf(input, await secrets.latestOfConnection(id));
    inTime();
    await secrets.putConnection(id, kept);
    const { keyEnds } = identity;
    const done = await commit(ctx, [
      replaceConnection(ctx, connection, { accountId: identity.accountId, keyEnds, leaseUntilMs: undefined }).write,
      recordAudit(ctx, { action: "connection.key_changed", subject: id }),
    ]);
    if (!done.ok) throw busy();
    return get(ctx, id);
  });
}

/** Notes which account a seed's connection belongs to, so that the same one is not connected a second time. */
export async function noteAccount(ctx: Context, id: string, accountId: string): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself knows it without asking");
  const read = await loadConnection(ctx, id);
  if (!read.accountId) await transact(ctx.table, [replaceConnection(ctx, read, { accountId }).write]);
}

/**
 * Ends a connection: nothing is asked of the checkout any more, its webhook is deleted there, and its keys here. Orders,
 * events and earnings stay, and so do the codes at the checkout.
 * @throws AppError not_found; conflict where it has ended
 */
export async function disconnect(ctx: Context, id: string): Promise<Shown> {
  authorize(ctx.actor, "connection.change");
  if (await remembered(ctx)) return get(ctx, id);
  const read = await loadConnection(ctx, id);
  if (read.disconnectedAt)
    throw new AppError("conflict", "connection.disconnected", "This connection has ended already.");
  const done = await commit(ctx, [
    replaceConnection(ctx, read, {
      disconnectedAt: ctx.now().toISOString(),
      connectingAt: undefined,
      webhookEffectId: undefined,
      formerSecretUntil: undefined,
    }).write,
    ...intend(ctx, "connection.close", id, {}),
    recordAudit(ctx, {
      action: "connection.disconnected",
      subject: id,
      before: { provider: read.provider, name: read.name, livemode: read.livemode },
    }),
  ]);
  if (!done.ok) throw busy();
  return get(ctx, id);
}

/**
 * Deletes a disconnected connection's webhook at the provider, then its secrets. A provider that says no does not keep the
 * secrets alive: the webhook then has to be deleted there by hand, and is ignored here. What alone outlives it is the signing
 * secret of a shop that asks for the erasure of its buyers later (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance).
 * @param erased that has been done, so nothing is waited for any more
 * @throws AppError rejected with what is left to be done
 */
export async function closeConnection(ctx: Context, id: string, { erased = false } = {}): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself closes");
  const over = ({ disconnectedAt, forgottenAt, signingKept }: Connection) =>
    disconnectedAt && (!forgottenAt || (erased && signingKept));
  const read = await loadConnection(ctx, id);
  if (!over(read)) return;
  const left = await holding(ctx, id, async ({ connection }) => {
    if (!over(connection)) throw busy();
    const connector = connectorOf(connection.provider);
    const secrets = await ctx.gateways.secrets.latestOfConnection(id);
    let refused: AppError | undefined;
    // Where everything was erased the app is gone, and its webhooks with it.
    if (secrets && secrets.apiKey !== noKey && !erased)
      try {
        await connector.sweepWebhooks(ctx, { connection, secrets }, undefined);
      } catch (error) {
        if (!(error instanceof AppError) || error.kind !== "rejected") throw error;
        refused = error;
      }
    const signingKept = connector.asksAfterwards && connection.connectedAt && !erased && secrets;
    if (signingKept) await ctx.gateways.secrets.putConnection(id, { ...secrets, apiKey: noKey });
    else await ctx.gateways.secrets.deleteConnection(id);
    const done = await transact(ctx.table, [
      replaceConnection(ctx, connection, {
        forgottenAt: connection.forgottenAt ?? ctx.now().toISOString(),
        signingKept: signingKept ? true : undefined,
        webhookId: undefined,
        webhookMark: undefined,
        keyEnds: undefined,
        leaseUntilMs: undefined,
      }).write,
    ]);
    if (!done.ok) throw busy();
    return refused && { webhookId: connection.webhookId, why: refused.message };
  });
  if (left)
    throw new AppError(
      "rejected",
      "connection.webhook_left",
      `The webhook${left.webhookId ? ` ${left.webhookId}` : ""} of “${read.name}” could not be deleted: ${left.why} Delete it there by hand.`,
    );
}

/** Puts the codes at a checkout once more, after that could not be finished. @throws AppError not_found; conflict */
export async function putCodesAgain(ctx: Context, id: string): Promise<Shown> {
  authorize(ctx.actor, "connection.change");
  if (await remembered(ctx)) return get(ctx, id);
  const read = await loadConnection(ctx, id);
  mustBeActive(read);
  const running = read.codesJobId && (await findJob(ctx, read.codesJobId));
  if (running && !finished(running))
    throw new AppError("conflict", "connection.codes_running", "The codes are being put there already.");
  const { job, writes } = newJob(ctx, { kind: "connection.codes", input: { connectionId: id }, total: 0 });
  const done = await commit(ctx, [
    replaceConnection(ctx, read, { codesJobId: job.id }).write,
    ...writes,
    recordAudit(ctx, { action: "connection.codes_begun", subject: id }),
  ]);
  if (!done.ok) throw busy();
  return get(ctx, id);
}
