import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import { sweepEvents } from "@laurel/core/event";
import { type Runtime, runtime } from "../runtime.ts";

/** The minute's work: what was lost or failed is tried again, and what has waited long enough is released. Each part stands alone. */
export function createMinute(runtime: Runtime): () => Promise<void> {
  const parts = { sweepEvents, sweepEffects, releaseDue };
  return async () => {
    const ctx = runtime.context({ kind: "system", name: "minute" });
    for (const [name, part] of Object.entries(parts)) {
      try {
        const count = await part(ctx);
        if (count > 0) runtime.log.info("job.done", { part: name, count });
      } catch (error) {
        runtime.log.error("job.failed", { part: name, error: String(error) });
      }
    }
  };
}

let made: ReturnType<typeof createMinute> | undefined;
export const handler = (): Promise<void> => {
  made ??= createMinute(runtime());
  return made();
};
