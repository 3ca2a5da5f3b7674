import { getItem, type Table } from "@laurel/core/table";
import { toWire } from "@laurel/local/bench/bill.ts";
import type { Call } from "@laurel/local/bench/recorder.ts";
import { indexEntries, readUnits, sizeOf, type Wire, writeUnits } from "@laurel/local/bench/units.ts";

export interface Tally {
  calls: number;
  writeUnits: number;
  readUnits: number;
}

const wire = (item: Wire | undefined): Wire | undefined => item && toWire(item);

/** What DynamoDB would count for recorded calls of any kind, from the sizes of items. What is gone by now counts as one KB. */
export async function tallyOf(table: Table, calls: readonly Call[]): Promise<Tally> {
  const sum: Tally = { calls: calls.length, writeUnits: 0, readUnits: 0 };
  const write = (item: Wire | undefined, inTransaction: boolean) => {
    sum.writeUnits += item
      ? writeUnits(item, inTransaction) + indexEntries(item).reduce((units, entry) => units + entry.units, 0)
      : inTransaction
        ? 2
        : 1;
  };
  const now = async (key: Wire) => wire(await getItem(table, { pk: key.pk.S, sk: key.sk.S }));
  for (const { operation, input, output } of calls)
    switch (operation) {
      case "PutItem":
        write(input.Item, false);
        break;
      case "UpdateItem":
      case "DeleteItem":
        write(await now(input.Key), false);
        break;
      case "GetItem":
        sum.readUnits += readUnits(wire(output.Item));
        break;
      case "BatchGetItem": {
        const found: Wire[] = output.Responses?.[table.name] ?? [];
        const { length } = input.RequestItems[table.name].Keys;
        sum.readUnits += found.reduce((units, item) => units + readUnits(wire(item)), length - found.length);
        break;
      }
      case "Query": {
        const bytes = (output.Items ?? []).reduce((total: number, item: Wire) => total + sizeOf(wire(item)!), 0);
        const units = Math.max(1, Math.ceil(bytes / 4096));
        sum.readUnits += input.ConsistentRead ? units : units / 2;
        break;
      }
      case "TransactWriteItems":
        for (const { Put, Update, Delete, ConditionCheck } of input.TransactItems)
          write(Put ? Put.Item : await now((Update ?? Delete ?? ConditionCheck).Key), true);
        break;
      default:
        throw new Error(`Nobody has said what ${operation} costs`);
    }
  return sum;
}
