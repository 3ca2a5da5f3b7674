import { setTimeout as sleep } from "node:timers/promises";
import { TransactionCanceledException, TransactionConflictException } from "@aws-sdk/client-dynamodb";
import type { Table } from "@laurel/core/table";
import { type Call, wrapped } from "./wrap.ts";

export interface Conflicting {
  /** The table whose transactions get in each other's way. */
  table: Table;
  /** So many writes were refused because of another one in flight. */
  conflicts(): number;
  /** The keys of each transaction that was written, `pk sk`. */
  written: string[][];
}

/**
 * A table that behaves towards writes at the same time as DynamoDB does and no local engine: of two that share an item, one of
 * them a transaction, the later one is refused while the earlier is in flight
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling).
 * @param spreadMs each transaction stays in flight for up to so much longer than it takes, so that more of them meet
 */
export function conflicting(table: Table, { spreadMs = 3 } = {}): Conflicting {
  const transactions = new Set<string>();
  const singles = new Map<string, number>();
  const written: string[][] = [];
  let conflicts = 0;

  async function transact(call: Call, send: () => Promise<unknown>): Promise<unknown> {
    const keys = (call.input.TransactItems as Record<string, Parts>[]).map((item) => keyOf(Object.values(item)[0]!));
    const taken = keys.map((key) => transactions.has(key) || singles.has(key));
    if (taken.includes(true)) {
      conflicts++;
      throw new TransactionCanceledException({
        message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${taken.map((is) => (is ? "TransactionConflict" : "None")).join(", ")}]`,
        $metadata: { httpStatusCode: 400 },
        CancellationReasons: taken.map((is) =>
          is ? { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" } : { Code: "None" },
        ),
      });
    }
    for (const key of keys) transactions.add(key);
    try {
      await sleep(Math.random() * spreadMs);
      const answer = await send();
      written.push(keys);
      return answer;
    } finally {
      for (const key of keys) transactions.delete(key);
    }
  }

  async function single(call: Call, send: () => Promise<unknown>): Promise<unknown> {
    const key = keyOf(call.input);
    if (transactions.has(key)) {
      conflicts++;
      throw new TransactionConflictException({
        message: "Transaction is ongoing for the item",
        $metadata: { httpStatusCode: 400 },
      });
    }
    singles.set(key, (singles.get(key) ?? 0) + 1);
    try {
      return await send();
    } finally {
      const others = singles.get(key)! - 1;
      if (others > 0) singles.set(key, others);
      else singles.delete(key);
    }
  }

  const around = (call: Call, send: () => Promise<unknown>): Promise<unknown> => {
    if (call.name === "TransactWrite") return transact(call, send);
    if (["Put", "Update", "Delete"].includes(call.name)) return single(call, send);
    return send();
  };
  return { table: wrapped(table, around), conflicts: () => conflicts, written };
}

interface Parts {
  Item?: Key;
  Key?: Key;
}
interface Key {
  pk: string;
  sk: string;
}

function keyOf({ Item, Key }: Parts): string {
  const { pk, sk } = (Item ?? Key)!;
  return `${pk} ${sk}`;
}
