import type { Context } from "../kernel/context.ts";
import type { LimitRule } from "../limit/index.ts";

const hourMs = 3_600_000;

/** So many an hour from one network. */
export const networkRule = ({ actor }: Context, name: string, max: number): LimitRule => ({
  name,
  subject: actor.kind === "system" ? actor.name : actor.network,
  max,
  windowMs: hourMs,
});
