import type { Runtime } from "@laurel/functions/runtime.ts";
import { createEffects } from "@laurel/functions/stream/effects.ts";
import { wakes } from "@laurel/functions/stream/records.ts";
import { createRollups } from "@laurel/functions/stream/rollups.ts";
import type { Consumer } from "./deliver.ts";

/** The two consumers of the table's stream, which see what their event sources on AWS would let through. */
export const consumersOf = (runtime: Runtime): Consumer[] => [
  { name: "effects", filter: (record) => wakes("effects", record), handle: createEffects(runtime), batchSize: 25 },
  { name: "rollups", filter: (record) => wakes("rollups", record), handle: createRollups(runtime), batchSize: 96 },
];
