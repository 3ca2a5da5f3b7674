import { intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { takeLimit } from "../limit/index.ts";
import { networkRule } from "./network.ts";

/**
 * Asks for the mail to sign in with. Whether anybody has the address is found out later, by the effect: here the
 * answer and the work are the same for all.
 * @throws AppError rate_limited
 */
export async function start(ctx: Context, { email }: { email: string }): Promise<{ status: "check_your_mail" }> {
  const answer = { status: "check_your_mail" } as const;
  if (await remembered(ctx)) return answer;
  const key = emailKey(ctx.keys, email);
  await takeLimit(ctx, [
    networkRule(ctx, "sign_in.start.network", 50),
    { name: "sign_in.start.email", subject: key, max: 5, windowMs: 15 * 60_000 },
  ]);
  await commit(ctx, intend(ctx, "mail.sign_in", key, {}), answer);
  return answer;
}
