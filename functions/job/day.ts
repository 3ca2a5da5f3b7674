import { beginComparisons } from "@laurel/core/catch-up";
import { tableRuntime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";
import { runParts } from "./parts.ts";

/**
 * The day's work. It only begins what takes long: that is done by the stream's consumer and by the minute, in slices, so a
 * day that is called twice, or late, does nothing twice.
 */
export const createDay = (runtime: Runtime): (() => Promise<void>) => runParts(runtime, "day", { beginComparisons });

/** The deployed job, woken once a day. */
export const handler = onEvent(createDay, tableRuntime);
