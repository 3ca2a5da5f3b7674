import type { ConnectCheckout, Connection as Shown } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { EffectEntity, effectKey, intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { ConnectionClaimEntity, claimKey } from "./claim.entity.ts";
import { type Connection, ConnectionEntity, isActive } from "./connection.entity.ts";
import { connectorOf, type Identity } from "./connector.ts";
import { busy, holding, loadConnection, replaceConnection } from "./lease.ts";
import { get } from "./list.ops.ts";

const tries = 3;

/**
 * Connects a checkout by what its owner has entered. The credentials are tried, kept and never shown again; the webhook is
 * made by an effect, which goes on after a crash. Nothing is kept for a connection that does not stand in the table, so
 * that whatever is left half done can be finished or removed: by entering the same again, or by `disconnect`. An account
 * that was connected before comes back as the connection that it was. A shop that is connected goes on with the keys that are
 * entered anew: its webhook is renewed with them, and the secret before holds for a day longer.
 * @throws AppError rejected for the provider's no; conflict where the account is connected; unavailable
 */
export async function connect(ctx: Context, input: ConnectCheckout): Promise<Shown> {
  authorize(ctx.actor, "connection.change");
  const before = await remembered<{ id: string }>(ctx);
  if (before) return get(ctx, before.result.id);
  const connector = connectorOf(input.provider);
  const identity = await connector.identify(ctx, input);
  const id = await begin(ctx, identity, input.name);
  return holding(ctx, id, async ({ connection, inTime }) => {
    const { secrets } = ctx.gateways;
    const kept = connector.secretsOf(input, await secrets.latestOfConnection(id));
    inTime();
    await secrets.putConnection(id, kept);
    const effectId = ctx.newId("effect");
    const { provider, name: _, ...known } = identity;
    const goesOn = isActive(connection);
    const { next, write } = replaceConnection(ctx, connection, {
      ...known,
      ...(input.name ? { name: input.name } : {}),
      ...(goesOn
        ? {}
        : {
            connectingAt: ctx.now().toISOString(),
            disconnectedAt: undefined,
            forgottenAt: undefined,
            signingKept: undefined,
          }),
      webhookEffectId: effectId,
      leaseUntilMs: undefined,
    });
    const { name, livemode, accountId } = next;
    const done = await commit(
      ctx,
      [
        write,
        ...intend(ctx, "connection.webhook", id, {}, { id: effectId }),
        recordAudit(ctx, {
          action: goesOn ? "connection.key_changed" : "connection.begun",
          subject: id,
          after: { provider, name, livemode, ...(accountId ? { accountId } : {}) },
        }),
      ],
      { id },
    );
    if (!done.ok) throw busy();
    return get(ctx, id);
  });
}

/** The connection of an account that is not connected: the one that it was, or a new one. */
async function begin(ctx: Context, identity: Identity, name: string | undefined): Promise<string> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const former = await findOf(ctx, identity);
    if (former) {
      await mustBeFree(ctx, former);
      return former.id;
    }
    const id = ctx.newId("connection");
    const at = { table: ctx.table.name };
    const done = await transact(ctx.table, [
      write.put("claim", ConnectionClaimEntity.create({ namespace: identity.namespace, connectionId: id }).params(at)),
      write.put(
        "connection",
        ConnectionEntity.create({
          ...identity,
          id,
          name: name ?? identity.name,
          connectingAt: ctx.now().toISOString(),
          version: 1,
        }).params(at),
      ),
    ]);
    if (done.ok) return id;
  }
  throw busy();
}

async function findOf(ctx: Context, identity: Identity): Promise<Connection | undefined> {
  const claim = parse(ConnectionClaimEntity, await getItem(ctx.table, claimKey(identity.namespace)));
  if (claim) return loadConnection(ctx, claim.connectionId);
  // A seed's has no claim.
  const { connections } = await ctx.program({ maxAgeMs: 0 });
  return connections.find(
    ({ provider, accountId, livemode }) =>
      accountId !== undefined &&
      provider === identity.provider &&
      accountId === identity.accountId &&
      livemode === identity.livemode,
  );
}

async function mustBeFree(ctx: Context, former: Connection): Promise<void> {
  const active = isActive(former);
  if (active && former.provider === "stripe")
    throw new AppError(
      "conflict",
      "connection.exists",
      `This account is connected already, as “${former.name}”. To use another key, change it there.`,
    );
  const effect = former.webhookEffectId && (await getItem(ctx.table, effectKey(former.webhookEffectId)));
  if ((former.connectingAt || active) && effect && parse(EffectEntity, effect)?.state === "waiting") throw busy();
}
