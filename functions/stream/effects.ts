import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { earnedEffect, putEffect, runEffect } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { runJob } from "@laurel/core/job-runner";
import { type Context, errorOf } from "@laurel/core/kernel";
import type { Entry } from "@laurel/core/ledger";
import { screeningEffect } from "@laurel/core/screening";
import { noteSeen } from "@laurel/core/sighting";
import type { Consumed, Item } from "@laurel/core/table";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { runtime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";
import { inserted } from "./records.ts";

/** A job begins here and goes on with the minute: what comes behind it in the stream must not wait long. */
const jobMs = 10_000;

const does: Record<Consumed<"effects">, (ctx: Context, item: Item) => Promise<unknown>> = {
  effect: (ctx, { id }) => runEffect(ctx, id),
  job: (ctx, { id }) => runJob(ctx, id, Date.now() + jobMs),
  incoming: async (ctx, { connectionId, eventId, receivedAt, source }) => {
    // What was found by asking tells nothing of whether webhooks arrive.
    if (!source) await noteSeen(ctx, connectionId, "lastEventAt", receivedAt);
    await Events.settleEvent(ctx, { connectionId, eventId });
  },
  entry: async (ctx, item) => {
    for (const effect of [earnedEffect(ctx, item as Entry), screeningEffect(ctx, item as Entry)])
      if (effect) await putEffect(ctx, effect);
  },
};

/**
 * Does what was intended: runs effects as they are written, begins jobs, decides events that their own request did not, and thanks for a sale and has it screened.
 * An effect's failure never fails the batch; only what could not be recorded anywhere is handed back to the stream.
 */
export function createEffects(runtime: Runtime): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  const one = async (record: DynamoDBRecord): Promise<void> => {
    const made = inserted("effects", record);
    if (!made) return;
    try {
      await does[made.kind](runtime.context({ kind: "system", name: "effects" }), made.item);
    } catch (error) {
      // Who hands the batch on tells nobody.
      runtime.log.error("effects.failed", { kind: made.kind, ...errorOf(error) });
      throw error;
    }
  };
  return (event) =>
    processPartialResponse(event, one, new BatchProcessor(EventType.DynamoDBStreams), {
      throwOnFullBatchFailure: false,
    });
}

/** The deployed consumer. */
export const handler = onEvent(createEffects, runtime);
