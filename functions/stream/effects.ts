import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { earnedEffect, putEffect, runEffect } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { runJob } from "@laurel/core/job-runner";
import type { Entry } from "@laurel/core/ledger";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { type Runtime, runtime } from "../runtime.ts";
import { inserted } from "./records.ts";

/** A job begins here and goes on with the minute: what comes behind it in the stream must not wait long. */
const jobMs = 10_000;

/**
 * Does what was intended: runs effects as they are written, begins jobs, decides events that their own request did not, and thanks for a sale.
 * An effect's failure never fails the batch; only what could not be recorded anywhere is handed back to the stream.
 */
export function createEffects(runtime: Runtime): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  const one = async (record: DynamoDBRecord): Promise<void> => {
    const item = inserted(record);
    if (!item) return;
    const ctx = runtime.context({ kind: "system", name: "effects" });
    if (item.__edb_e__ === "effect") await runEffect(ctx, item.id);
    if (item.__edb_e__ === "job") await runJob(ctx, item.id, Date.now() + jobMs);
    if (item.__edb_e__ === "incoming")
      await Events.settleEvent(ctx, { connectionId: item.connectionId, eventId: item.eventId });
    if (item.__edb_e__ === "entry") {
      const effect = earnedEffect(ctx, item as Entry);
      if (effect) await putEffect(ctx, effect);
    }
  };
  return (event) =>
    processPartialResponse(event, one, new BatchProcessor(EventType.DynamoDBStreams), {
      throwOnFullBatchFailure: false,
    });
}

let made: ReturnType<typeof createEffects> | undefined;
export const handler = (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  made ??= createEffects(runtime());
  return made(event);
};
