import { pollStores } from "@laurel/core/catch-up";
import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import { sweepEvents, sweepParked } from "@laurel/core/event";
import { sweepFlags } from "@laurel/core/flag";
import { sweepJobs } from "@laurel/core/job-runner";
import { runtime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";
import { runParts } from "./parts.ts";

/**
 * The minute's work: what was lost or failed is tried again, what has waited long enough is released, and long work goes
 * on. Each part stands alone.
 * @param jobsMs so long the long work may take; less where one process does all, since the next run waits for it
 * @throws at the end where a part failed, so that the run counts as one that failed
 */
export const createMinute = (runtime: Runtime, { jobsMs = 8 * 60_000 } = {}): (() => Promise<void>) =>
  // What speaks with others comes last: where they are slow, the rest does not wait for them.
  runParts(runtime, "minute", {
    sweepEvents,
    sweepFlags: (ctx) => sweepFlags(ctx),
    releaseDue,
    sweepEffects: (ctx) => sweepEffects(ctx),
    sweepParked: (ctx) => sweepParked(ctx),
    pollStores: (ctx) => pollStores(ctx),
    sweepJobs: (ctx) => sweepJobs(ctx, Date.now() + jobsMs),
  });

/** The deployed job, woken every minute. */
export const handler = onEvent((runtime) => createMinute(runtime), runtime);
