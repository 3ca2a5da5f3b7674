import type { Code } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { findCode, renewCode, serialize, shouldBeActive } from "../code/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";

const tries = 4;

/**
 * Has a code that does not work at a checkout made to work there: switched on again, or made anew where it can't be.
 * @throws AppError not_found; conflict where it did not fail, or is not to work
 */
export async function putCodeAgain(ctx: Context, ambassadorId: string, text: string): Promise<Code> {
  authorize(ctx.actor, "code.rotate");
  const shown = async () => {
    const code = await findCode(ctx, text);
    if (code?.ambassadorId !== ambassadorId) throw notFound();
    return code;
  };
  const told = await remembered(ctx);
  if (told) return serialize(await shown(), await ctx.program(), ctx.publicOrigin);
  for (let attempt = 0; attempt < tries; attempt++) {
    const code = await shown();
    if (code.state !== "failed")
      throw new AppError(
        "conflict",
        "code.not_failed",
        "Nothing has failed about this code. Reload the page to see it.",
      );
    if (!shouldBeActive(code, ctx.now()))
      throw new AppError(
        "conflict",
        "code.ended",
        "This code was replaced, or its ambassador is not active. It stays off.",
      );
    const { item, writes } = renewCode(ctx, code);
    const done = await commit(ctx, [
      ...writes,
      recordAudit(ctx, {
        action: "ambassador.code_put_again",
        subject: ambassadorId,
        after: { code: text, failedBecause: code.stateReason ?? null },
      }),
    ]);
    if (done.ok) return serialize(item, await ctx.program(), ctx.publicOrigin);
    // A checkout's answer came in between: look again.
  }
  throw new AppError("unavailable", "code.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
}
