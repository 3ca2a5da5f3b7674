import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "@laurel/core/table";

/** Items of the machine rather than of the program. */
const machineKeys = new Set(["META#local"]);

/**
 * Every item of a table, in the order of its keys, one line each with sorted attributes: two tables with the same content
 * have the same dump. Bytes are written in base64, sets in order.
 */
export async function dump(table: Table): Promise<string[]> {
  const items: Record<string, unknown>[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ConsistentRead: true, ExclusiveStartKey: after }),
    );
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after);
  const keyOf = (item: Record<string, unknown>) => `${item.pk}\n${item.sk}`;
  return items
    .filter((item) => !machineKeys.has(String(item.pk)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((item) => JSON.stringify(normal(item)));
}

function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  if (value instanceof Set) return [...value].map(normal).sort();
  if (Array.isArray(value)) return value.map(normal);
  if (value && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, inner]) => [name, normal(inner)]),
    );
  return value;
}
