import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Item } from "../../core/src/table/read.ts";
import type { World } from "./index.ts";

/** Every item of the table. */
export async function scan({ table }: Pick<World, "table">): Promise<Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ConsistentRead: true, ExclusiveStartKey: after }),
    );
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after);
  return items;
}
