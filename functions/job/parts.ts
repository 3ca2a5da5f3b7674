import { type Context, errorOf } from "@laurel/core/kernel";
import type { Runtime } from "../runtime.ts";

/** The parts of scheduled work, by name, in their order. Each tells how much it has done. */
export type Parts = Record<string, (ctx: Context) => Promise<number>>;

/**
 * Scheduled work whose parts stand alone: one that fails leaves the others as they are.
 * @throws at the end where a part failed, so that the run counts as one that failed
 */
export function runParts(runtime: Runtime, job: string, parts: Parts): () => Promise<void> {
  return async () => {
    const ctx = runtime.context({ kind: "system", name: job });
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
    if (failed.length > 0) throw new Error(`The ${job}'s work failed in ${failed.join(", ")}; the log has said why`);
  };
}
