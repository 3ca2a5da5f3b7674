import type { Click } from "@laurel/core/click";
import { AppError, errorOf } from "@laurel/core/kernel";
import type { Entry } from "@laurel/core/ledger";
import { type Fact, factOfClick, factOfEntry, rollUp } from "@laurel/core/rollup";
import type { Consumed, Item } from "@laurel/core/table";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { tableRuntime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";
import { inserted } from "./records.ts";

type FactOf = Record<Consumed<"rollups">, (item: Item, timeZone: string) => Fact>;
const factOf: FactOf = {
  entry: (item) => factOfEntry(item as Entry),
  click: (item, timeZone) => factOfClick(item as Click, timeZone),
};

/**
 * Counts facts into the days' figures. While the table does not answer, a batch is handed back whole; markers keep it from
 * counting twice. One fact that can't be counted holds nothing up but itself.
 */
export function createRollups(runtime: Runtime): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async ({ Records: records }) => {
    const ctx = runtime.context({ kind: "system", name: "rollups" });
    const count = async (some: readonly DynamoDBRecord[]) => {
      const { program } = await ctx.program();
      const made = some.flatMap((record) => inserted("rollups", record) ?? []);
      await rollUp(
        ctx,
        made.map(({ kind, item }) => factOf[kind](item, program.timeZone)),
      );
    };
    const failed = (some: readonly DynamoDBRecord[], error: unknown): DynamoDBBatchResponse => {
      runtime.log.error("rollups.failed", { records: some.length, ...errorOf(error) });
      return { batchItemFailures: some.map((record) => ({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" })) };
    };
    try {
      await count(records);
      return { batchItemFailures: [] };
    } catch (error) {
      if (isPassing(error)) return failed(records, error);
    }
    const batchItemFailures: DynamoDBBatchResponse["batchItemFailures"] = [];
    for (const [at, record] of records.entries()) {
      try {
        await count([record]);
      } catch (error) {
        const left = isPassing(error) ? records.slice(at) : [record];
        batchItemFailures.push(...failed(left, error).batchItemFailures);
        if (left.length > 1) break;
      }
    }
    return { batchItemFailures };
  };
}

const isPassing = (error: unknown): boolean => error instanceof AppError && error.kind === "unavailable";

/** The deployed consumer. Figures need the table alone, whatever becomes of secrets and checkouts. */
export const handler = onEvent(createRollups, tableRuntime);
