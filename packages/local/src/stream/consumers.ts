import type { Runtime } from "@laurel/functions/runtime.ts";
import { createEffects } from "@laurel/functions/stream/effects.ts";
import { createRollups } from "@laurel/functions/stream/rollups.ts";
import type { DynamoDBRecord } from "aws-lambda";
import type { Consumer } from "./deliver.ts";

/** Both consumers see what was made, never what was changed, as their event sources on AWS are filtered. */
const inserts = (record: DynamoDBRecord): boolean => record.eventName === "INSERT";

/** The two consumers of the table's stream. */
export const consumersOf = (runtime: Runtime): Consumer[] => [
  { name: "effects", filter: inserts, handle: createEffects(runtime), batchSize: 25 },
  { name: "rollups", filter: inserts, handle: createRollups(runtime), batchSize: 100 },
];
