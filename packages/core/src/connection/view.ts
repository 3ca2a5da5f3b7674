import type { ConnectionState, Id, Connection as Shown } from "@laurel/contract";
import type { Comparison } from "../comparison/index.ts";
import type { EffectItem } from "../effect/index.ts";
import type { JobItem } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import type { Connection } from "./connection.entity.ts";

/** Where the provider sends its events. */
export const webhookUrlOf = (ctx: Context, { provider, id }: Connection): string =>
  `${ctx.publicOrigin}/webhooks/${provider}/${id}`;

export const stateOf = (connection: Connection): ConnectionState =>
  connection.disconnectedAt ? "disconnected" : connection.connectingAt ? "connecting" : "active";

/** What hangs on a connection, where there is any. */
export interface Beside {
  seen: { lastEventAt?: string | undefined; lastBadSignatureAt?: string | undefined } | undefined;
  effect: EffectItem | undefined;
  job: JobItem | undefined;
  comparison: Comparison | undefined;
  /** The mark that a webhook made now would have; undefined where it is not ours to make. */
  mark: string | undefined;
}

/** So long a connection may be without its effect, before somebody is told that it was not finished. */
const finishedWithinMs = 60_000;

export function serialize(
  ctx: Context,
  connection: Connection,
  { seen, effect, job, comparison, mark }: Beside,
): Shown {
  const state = stateOf(connection);
  const renewing = connection.webhookEffectId !== undefined && state !== "disconnected";
  return {
    id: connection.id as Id<"connection">,
    provider: connection.provider,
    name: connection.name,
    livemode: connection.livemode,
    accountId: connection.accountId ?? connection.shopId ?? null,
    shopUrl: connection.shopUrl ?? null,
    state,
    problem: state === "disconnected" ? null : problemOf(ctx, connection, effect),
    keyEnds: state === "disconnected" ? null : (connection.keyEnds ?? null),
    webhookUrl: webhookUrlOf(ctx, connection),
    webhook: {
      renewing: renewing && effect?.state === "waiting",
      outdated: state === "active" && !!connection.webhookMark && !!mark && connection.webhookMark !== mark,
      formerSecretUntil: connection.formerSecretUntil ?? null,
    },
    codes: job ? { state: job.state, done: job.done, error: job.error ?? null } : null,
    comparison: comparison?.completedAt
      ? { at: comparison.completedAt, seen: comparison.seen ?? 0, found: comparison.found ?? 0 }
      : null,
    connectedAt: connection.connectedAt ?? null,
    disconnectedAt: connection.disconnectedAt ?? null,
    lastEventAt: seen?.lastEventAt ?? null,
    lastBadSignatureAt: seen?.lastBadSignatureAt ?? null,
  };
}

function problemOf(ctx: Context, connection: Connection, effect: EffectItem | undefined): string | null {
  if (effect?.state === "waiting") return effect.lastError ? `${effect.lastError} It is tried again by itself.` : null;
  if (effect?.state === "dead") return effect.lastError ?? "It could not be done.";
  const since = connection.connectingAt;
  if (!since || ctx.now().getTime() - Date.parse(since) < finishedWithinMs) return null;
  return "Connecting was cut short. Enter the key again, or remove this connection.";
}
