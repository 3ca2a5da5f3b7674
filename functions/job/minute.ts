import { pollStores } from "@laurel/core/catch-up";
import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import { sweepEvents, sweepParked } from "@laurel/core/event";
import { sweepFlags } from "@laurel/core/flag";
import { sweepJobs } from "@laurel/core/job-runner";
import { type Context, errorOf } from "@laurel/core/kernel";
import { runtime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";

/**
 * The minute's work: what was lost or failed is tried again, what has waited long enough is released, and long work goes
 * on. Each part stands alone.
 * @param jobsMs so long the long work may take; less where one process does all, since the next run waits for it
 * @throws at the end where a part failed, so that the run counts as one that failed
 */
export function createMinute(runtime: Runtime, { jobsMs = 8 * 60_000 } = {}): () => Promise<void> {
  // What speaks with others comes last: where they are slow, the rest does not wait for them.
  const parts = {
    sweepEvents,
    sweepFlags: (ctx: Context) => sweepFlags(ctx),
    releaseDue,
    sweepEffects: (ctx: Context) => sweepEffects(ctx),
    sweepParked: (ctx: Context) => sweepParked(ctx),
    pollStores: (ctx: Context) => pollStores(ctx),
    sweepJobs: (ctx: Context) => sweepJobs(ctx, Date.now() + jobsMs),
  };
  return async () => {
    const ctx = runtime.context({ kind: "system", name: "minute" });
    const failed: string[] = [];
    for (const [name, part] of Object.entries(parts)) {
      try {
        const count = await part(ctx);
        if (count > 0) runtime.log.info("job.done", { part: name, count });
      } catch (error) {
        failed.push(name);
        runtime.log.error("job.failed", { part: name, ...errorOf(error) });
      }
    }
    if (failed.length > 0) throw new Error(`The minute's work failed in ${failed.join(", ")}; the log has said why`);
  };
}

/** The deployed job, woken every minute. */
export const handler = onEvent((runtime) => createMinute(runtime), runtime);
