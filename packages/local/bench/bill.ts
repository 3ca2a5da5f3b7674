import { marshall } from "@aws-sdk/util-dynamodb";
import { getItem, type Table } from "@laurel/core/table";
import type { Call } from "./recorder.ts";
import { indexEntries, readUnits, sizeOf, type Wire, writeUnits } from "./units.ts";

/** What one item of one call takes. */
export interface Line {
  /** Which call of the sale, from 1 on. */
  call: number;
  operation: string;
  item: string;
  bytes: number;
  writeUnits: number;
  readUnits: number;
}

/** Answers were put into plain values before they could be written down. */
export const toWire = (item: Wire): Wire => marshall(item, { removeUndefinedValues: true });

const nameOf = (key: Wire): string => `${key.pk.S} / ${key.sk.S}`;

/**
 * Lists what recorded calls consume, item by item. An update takes what the item is afterwards, so it is looked up.
 * @throws Error for a call that a sale is not known to make
 */
export async function billOf(table: Table, calls: readonly Call[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [at, { operation, input, output }] of calls.entries()) {
    const call = at + 1;
    const read = (key: Wire, item: Wire | undefined) =>
      lines.push({
        call,
        operation,
        item: nameOf(key),
        bytes: item ? sizeOf(item) : 0,
        writeUnits: 0,
        readUnits: readUnits(item),
      });
    const put = (item: Wire, inTransaction: boolean) => {
      lines.push({
        call,
        operation,
        item: nameOf(item),
        bytes: sizeOf(item),
        writeUnits: writeUnits(item, inTransaction),
        readUnits: 0,
      });
      for (const { index, bytes, units } of indexEntries(item))
        lines.push({
          call,
          operation,
          item: `  ${index}: ${item[`${index}pk`].S} / ${item[`${index}sk`].S}`,
          bytes,
          writeUnits: units,
          readUnits: 0,
        });
    };
    if (operation === "PutItem") put(input.Item, false);
    else if (operation === "GetItem") read(input.Key, output.Item && toWire(output.Item));
    else if (operation === "BatchGetItem") {
      const found: Wire[] = (output.Responses?.[table.name] ?? []).map(toWire);
      for (const key of input.RequestItems[table.name].Keys)
        read(
          key,
          found.find((item) => nameOf(item) === nameOf(key)),
        );
    } else if (operation === "TransactWriteItems") {
      for (const { Put, Update } of input.TransactItems) {
        if (Put) put(Put.Item, true);
        else if (Update) put(toWire((await getItem(table, { pk: Update.Key.pk.S, sk: Update.Key.sk.S }))!), true);
        else throw new Error("A sale is not known to check or delete");
      }
    } else throw new Error(`A sale is not known to call ${operation}`);
  }
  return lines;
}

export const totalOf = (lines: readonly Line[], unit: "writeUnits" | "readUnits"): number =>
  lines.reduce((sum, line) => sum + line[unit], 0);

export function printBill(lines: readonly Line[], say: (line: string) => void): void {
  say("call  operation           bytes  write  read  item");
  for (const { call, operation, bytes, writeUnits, readUnits, item } of lines)
    say(
      `${String(call).padStart(4)}  ${operation.padEnd(18)}${String(bytes).padStart(7)}${String(writeUnits).padStart(7)}${String(readUnits).padStart(6)}  ${item}`,
    );
}
