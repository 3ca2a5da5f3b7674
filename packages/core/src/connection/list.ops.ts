import type { Connection as Shown } from "@laurel/contract";
import { ComparisonEntity, comparisonKey } from "../comparison/index.ts";
import { EffectEntity, effectKey } from "../effect/index.ts";
import { JobEntity, jobKey } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import { authorize } from "../kernel/permission.ts";
import { SightingEntity, sightingKey } from "../sighting/index.ts";
import { parse } from "../table/entity.ts";
import { getItems, queryAll } from "../table/read.ts";
import { type Connection, ConnectionEntity } from "./connection.entity.ts";
import { markOf } from "./connector.ts";
import { loadConnection } from "./lease.ts";
import { serialize } from "./view.ts";

/** All connections, those that have ended last. What never came to be connected and was removed is left out. */
export async function list(ctx: Context): Promise<{ items: Shown[] }> {
  authorize(ctx.actor, "connection.read");
  const items = await queryAll(ctx.table, { pk: "PROGRAM", skPrefix: "CONNECTION#" });
  const connections = items
    .map((item) => parse(ConnectionEntity, item)!)
    .filter((each) => !each.disconnectedAt || each.connectedAt || !each.version);
  const shown = await withBeside(ctx, connections);
  return { items: [...shown.filter(({ state }) => state !== "disconnected"), ...shown.filter(ended)] };
}
const ended = ({ state }: Shown) => state === "disconnected";

/** One connection. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<Shown> {
  authorize(ctx.actor, "connection.read");
  const [shown] = await withBeside(ctx, [await loadConnection(ctx, id)]);
  return shown!;
}

async function withBeside(ctx: Context, connections: readonly Connection[]): Promise<Shown[]> {
  const nothing = { pk: "CONNECTION#none", sk: "NONE" };
  const keys = connections.flatMap(({ id, webhookEffectId, codesJobId }) => [
    sightingKey(id),
    webhookEffectId ? effectKey(webhookEffectId) : nothing,
    codesJobId ? jobKey(codesJobId) : nothing,
    comparisonKey(id),
  ]);
  const items = await getItems(ctx.table, keys);
  return connections.map((connection, at) =>
    serialize(ctx, connection, {
      seen: parse(SightingEntity, items[at * 4]),
      effect: parse(EffectEntity, items[at * 4 + 1]),
      job: parse(JobEntity, items[at * 4 + 2]),
      comparison: parse(ComparisonEntity, items[at * 4 + 3]),
      mark: markOf(connection.provider),
    }),
  );
}
