import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { EffectEntity, type EffectItem } from "@laurel/core/effect";
import { earnedEffect, putEffects, runEffect, runEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { runJob } from "@laurel/core/job-runner";
import { type Context, errorOf } from "@laurel/core/kernel";
import type { Entry } from "@laurel/core/ledger";
import { screeningEffect } from "@laurel/core/screening";
import { noteSeen } from "@laurel/core/sighting";
import { type Consumed, type Item, parse } from "@laurel/core/table";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { runtime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";
import { inserted } from "./records.ts";

/** A job begins here and goes on with the minute: what comes behind it in the stream must not wait long. */
const jobMs = 10_000;

const does: Record<Exclude<Consumed<"effects">, "effect">, (ctx: Context, item: Item) => Promise<unknown>> = {
  job: (ctx, { id }) => runJob(ctx, id, Date.now() + jobMs),
  incoming: async (ctx, { connectionId, eventId, receivedAt, source }) => {
    // What was found by asking tells nothing of whether webhooks arrive.
    if (!source) await noteSeen(ctx, connectionId, "lastEventAt", receivedAt);
    await Events.settleEvent(ctx, { connectionId, eventId });
  },
  entry: async (ctx, item) => {
    const effects = [earnedEffect(ctx, item as Entry), screeningEffect(ctx, item as Entry)];
    await putEffects(
      ctx,
      effects.filter((effect) => effect !== undefined),
    );
  },
};

/**
 * Does what was intended: runs effects as they are written, begins jobs, decides events that their own request did not, and thanks for a sale and has it screened.
 * An effect's failure never fails the batch; only what could not be recorded anywhere is handed back to the stream.
 */
export function createEffects(runtime: Runtime): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  const actor = { kind: "system", name: "effects" } as const;
  return (event) => {
    const running = runAll(() => runtime.context(actor), event.Records);
    const one = async (record: DynamoDBRecord): Promise<void> => {
      const made = inserted("effects", record);
      if (!made) return;
      const { kind, item } = made;
      try {
        if (kind === "effect") await (running.get(item.id) ?? runEffect(runtime.context(actor), item.id));
        else await does[kind](runtime.context(actor), item);
      } catch (error) {
        // Who hands the batch on tells nobody.
        runtime.log.error("effects.failed", { kind, ...errorOf(error) });
        throw error;
      }
    };
    return processPartialResponse(event, one, new BatchProcessor(EventType.DynamoDBStreams), {
      throwOnFullBatchFailure: false,
    });
  };
}

/** The effects of a batch, each of which is waited for by its own record. */
function runAll(contextOf: () => Context, records: readonly DynamoDBRecord[]): ReadonlyMap<string, Promise<void>> {
  const effects = records.map(effectIn).filter((effect) => effect !== undefined);
  const runs = runEffects(contextOf, effects);
  return new Map(effects.map(({ id }, at) => [id, runs[at]!]));
}

/** Undefined also where it can't be read: that fails by itself then, and holds up nobody else. */
function effectIn(record: DynamoDBRecord): EffectItem | undefined {
  const made = inserted("effects", record);
  if (made?.kind !== "effect") return undefined;
  try {
    return parse(EffectEntity, made.item) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The deployed consumer. */
export const handler = onEvent(createEffects, runtime);
