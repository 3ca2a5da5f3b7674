import { flagRules } from "@laurel/contract";
import { change } from "@laurel/core/program";
import type { World } from "./index.ts";

/** Nothing is flagged from here on: for tests that do what looks like fraud, and are about something else. */
export async function withoutFlags(world: World): Promise<void> {
  const ctx = world.ctx();
  const { program } = await ctx.program({ maxAgeMs: 0 });
  await change(ctx, { version: program.version, fraud: { off: [...flagRules] } });
  world.runtime.forgetProgram();
}
