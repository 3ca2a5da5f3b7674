import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, GetCommand, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { AppError, assert, invalidField } from "../kernel/errors.ts";
import type { Table } from "./client.ts";
import type { Key } from "./keys.ts";
import { asUnavailable, jitter } from "./transact.ts";

// biome-ignore lint/suspicious/noExplicitAny: raw items of any entity; each entity's own reader gives them their type
export type Item = Record<string, any>;

const idOf = (key: Item): string => `${key.pk}\n${key.sk}`;

/** One consistent read of one item. */
export async function getItem(table: Table, key: Key): Promise<Item | undefined> {
  try {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }),
    );
    return Item;
  } catch (error) {
    throw asUnavailable(error);
  }
}

/**
 * Reads items of any kind, up to 100 a call, in the order of the keys; what does not exist is undefined.
 * Keys that the engine left unprocessed are asked for again.
 */
export async function getItems(
  table: Table,
  keys: readonly Key[],
  { consistent = true } = {},
): Promise<(Item | undefined)[]> {
  if (keys.length === 0) return [];
  const found = new Map<string, Item>();
  const distinct = [...new Map(keys.map((key) => [idOf(key), { pk: key.pk, sk: key.sk }])).values()];
  for (let at = 0; at < distinct.length; at += 100) {
    let wanted: Item[] = distinct.slice(at, at + 100);
    for (let attempt = 0; wanted.length > 0; attempt++) {
      if (attempt === 5)
        throw new AppError("unavailable", "table.busy", "Too much is happening at once. Try again in a moment.", {
          retryAfterMs: 1000,
        });
      if (attempt > 0) await jitter(attempt);
      try {
        const answer = await table.client.send(
          new BatchGetCommand({ RequestItems: { [table.name]: { Keys: wanted, ConsistentRead: consistent } } }),
        );
        for (const item of answer.Responses?.[table.name] ?? []) found.set(idOf(item), item);
        wanted = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
      } catch (error) {
        throw asUnavailable(error);
      }
    }
  }
  return keys.map((key) => found.get(idOf(key)));
}

/** One partition of the table or of an index, as far as a list needs to know it. */
export interface Partition {
  index?: "gsi1" | "gsi2" | "gsi3";
  pk: string;
  /** Only sort keys that begin so. */
  skPrefix?: string;
  /** Only sort keys from this one on. */
  skFrom?: string;
  /** Only sort keys up to and including this one. */
  skUpTo?: string;
}

export interface Page<T> {
  items: T[];
  cursor: string | null;
}

function queryOf(table: Table, partition: Partition): QueryCommandInput {
  const [pk, sk] = partition.index ? [`${partition.index}pk`, `${partition.index}sk`] : ["pk", "sk"];
  const names: Record<string, string> = { "#pk": pk };
  const values: Record<string, string> = { ":pk": partition.pk };
  let condition = "#pk = :pk";
  const { skPrefix, skFrom, skUpTo } = partition;
  assert(!(skPrefix && (skFrom ?? skUpTo)), "a partition is cut by a prefix or by its ends, not both");
  if (skPrefix !== undefined) {
    condition += " AND begins_with(#sk, :sk)";
    values[":sk"] = skPrefix;
  } else if (skFrom !== undefined && skUpTo !== undefined) {
    condition += " AND #sk BETWEEN :sk AND :end";
    values[":sk"] = skFrom;
    values[":end"] = skUpTo;
  } else if (skFrom !== undefined) {
    condition += " AND #sk >= :sk";
    values[":sk"] = skFrom;
  } else if (skUpTo !== undefined) {
    condition += " AND #sk <= :sk";
    values[":sk"] = skUpTo;
  }
  if (values[":sk"] !== undefined) names["#sk"] = sk;
  return {
    TableName: table.name,
    ...(partition.index ? { IndexName: partition.index } : { ConsistentRead: true }),
    KeyConditionExpression: condition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

/** Reads one page of a partition. Index pages hold keys only. `after` is the last key of the page before. */
export async function queryPage(
  table: Table,
  partition: Partition,
  { limit, newestFirst = true, after }: { limit: number; newestFirst?: boolean; after?: Item | undefined },
): Promise<{ items: Item[]; last: Item | undefined }> {
  try {
    const answer = await table.client.send(
      new QueryCommand({
        ...queryOf(table, partition),
        Limit: limit,
        ScanIndexForward: !newestFirst,
        ExclusiveStartKey: after,
      }),
    );
    return { items: answer.Items ?? [], last: answer.LastEvaluatedKey };
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** Reads a whole small partition. Throws where it holds more than `atMost`, so that nothing is cut in silence. */
export async function queryAll(
  table: Table,
  partition: Partition,
  { atMost = 1000, newestFirst = false } = {},
): Promise<Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await queryPage(table, partition, { limit: 1000, newestFirst, after });
    items.push(...page.items);
    after = page.last;
    assert(items.length <= atMost, `at most ${atMost} items are read of ${partition.pk}`);
  } while (after);
  return items;
}

/** The place in a list: which partition, and the last key that was seen in it. */
interface Place {
  at: number;
  after: Item | undefined;
}

function readCursor(cursor: string, partitions: readonly Partition[]): Place {
  try {
    const [pk, after] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as [
      string,
      [string, string, string] | null,
    ];
    const at = partitions.findIndex((partition) => partition.pk === pk);
    const partition = partitions[at];
    if (!partition) throw new Error("another list");
    if (after === null) return { at, after: undefined };
    const [basePk, baseSk, indexSk] = after;
    if (![basePk, baseSk, indexSk].every((part) => typeof part === "string" && part.length > 0 && part.length < 1000))
      throw new Error("shape");
    if (!partition.index && basePk !== pk) throw new Error("another list");
    if (partition.skPrefix !== undefined && !indexSk.startsWith(partition.skPrefix)) throw new Error("another list");
    return {
      at,
      after: partition.index
        ? { pk: basePk, sk: baseSk, [`${partition.index}pk`]: pk, [`${partition.index}sk`]: indexSk }
        : { pk: basePk, sk: baseSk },
    };
  } catch {
    throw invalidField("cursor", "is not one that this list gave out; start again without it");
  }
}

const writeCursor = (partition: Partition, after: Item | undefined): string =>
  Buffer.from(
    JSON.stringify([
      partition.pk,
      after ? [after.pk, after.sk, partition.index ? after[`${partition.index}sk`] : after.sk] : null,
    ]),
  ).toString("base64url");

const pageSize = 25;
/** So many queries one page may cost before it comes back shorter, with a cursor. */
const queriesAPage = 40;

/**
 * A page of a list that runs over several partitions (months, newest first), hydrated and filtered.
 * @param hydrate turns raw keys or items into what the list shows; undefined leaves one out
 */
export async function listPage<T>(
  table: Table,
  partitions: readonly Partition[],
  {
    cursor,
    hydrate,
    newestFirst = true,
    limit = pageSize,
  }: {
    cursor?: string | undefined;
    hydrate: (items: Item[]) => Promise<(T | undefined)[]>;
    newestFirst?: boolean;
    limit?: number;
  },
): Promise<Page<T>> {
  const items: T[] = [];
  let place: Place = cursor ? readCursor(cursor, partitions) : { at: 0, after: undefined };
  for (let query = 0; query < queriesAPage && place.at < partitions.length; query++) {
    const partition = partitions[place.at]!;
    const wanted = limit - items.length;
    const page = await queryPage(table, partition, { limit: wanted, newestFirst, after: place.after });
    for (const item of await hydrate(page.items)) if (item !== undefined) items.push(item);
    place = page.last ? { at: place.at, after: page.last } : { at: place.at + 1, after: undefined };
    if (items.length >= limit) break;
  }
  const next = partitions[place.at];
  return { items, cursor: next ? writeCursor(next, place.after) : null };
}

/** An item as a stream record carries it, in plain values. */
export const fromImage = (image: Record<string, AttributeValue>): Item => unmarshall(image);
