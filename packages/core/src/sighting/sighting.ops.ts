import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Context } from "../kernel/context.ts";
import type { Table } from "../table/client.ts";
import { wasRefused } from "../table/transact.ts";
import { sightingKey } from "./sighting.entity.ts";

const everyMs = 60_000;
/** What this process has noted: the newest instant of each kind, epoch ms. */
const notedAt = new WeakMap<Table, Map<string, number>>();

/**
 * Notes that an event came, or one whose signature does not hold: at most once for each minute of our clock, connection and
 * process, whatever is sent. Nobody waits long for it, and its failure is nobody's.
 * @param at when it came, ISO
 */
export async function noteSeen(
  ctx: Context,
  connectionId: string,
  what: "lastEventAt" | "lastBadSignatureAt",
  at: string,
): Promise<void> {
  const noted = notedAt.get(ctx.table) ?? new Map<string, number>();
  notedAt.set(ctx.table, noted);
  const key = `${what} ${connectionId}`;
  if (Date.parse(at) - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
  noted.set(key, Date.parse(at));
  try {
    await ctx.table.client.send(
      new UpdateCommand({
        TableName: ctx.table.name,
        Key: sightingKey(connectionId),
        UpdateExpression: "SET #what = :at, connectionId = :id, #entity = :entity, #version = :version",
        ConditionExpression: "attribute_not_exists(#what) OR #what < :at",
        ExpressionAttributeNames: { "#what": what, "#entity": "__edb_e__", "#version": "__edb_v__" },
        ExpressionAttributeValues: {
          ":at": at,
          ":id": connectionId,
          ":entity": "sighting",
          ":version": "1",
        },
      }),
    );
  } catch (error) {
    if (!wasRefused(error)) ctx.log.warn("connection.not_noted", { connectionId, error: String(error) });
  }
}
