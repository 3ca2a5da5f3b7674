import type { Click } from "@laurel/core/click";
import type { Entry } from "@laurel/core/ledger";
import { type Fact, factOfClick, factOfEntry, rollUp } from "@laurel/core/rollup";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { type Runtime, runtime } from "../runtime.ts";
import { inserted } from "./records.ts";

/** Counts facts into the days' figures. A batch that can't be counted is handed back whole: markers keep it from counting twice. */
export function createRollups(runtime: Runtime): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async (event) => {
    const ctx = runtime.context({ kind: "system", name: "rollups" });
    try {
      const { program } = await ctx.program();
      const facts = event.Records.flatMap((record): Fact[] => {
        const item = inserted(record);
        if (item?.__edb_e__ === "entry") return [factOfEntry(item as Entry)];
        if (item?.__edb_e__ === "click") return [factOfClick(item as Click, program.timeZone)];
        return [];
      });
      await rollUp(ctx, facts);
      return { batchItemFailures: [] };
    } catch (error) {
      runtime.log.error("rollups.failed", { records: event.Records.length, error: String(error) });
      const first = event.Records[0]?.dynamodb?.SequenceNumber;
      return { batchItemFailures: first ? [{ itemIdentifier: first }] : [] };
    }
  };
}

let made: ReturnType<typeof createRollups> | undefined;
export const handler = (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  made ??= createRollups(runtime());
  return made(event);
};
