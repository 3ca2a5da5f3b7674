import type { Actor, Context as CoreContext } from "@laurel/core/kernel";
import type { Context } from "hono";

/** What the middleware leaves for those behind it. */
export interface ApiEnv {
  Variables: {
    /** The caller's network address, as the front door told it. */
    network: string;
    requestId: string;
    /** The context of a caller who has not been recognised; routes that need more ask for it. */
    ctx: CoreContext & { actor: Extract<Actor, { kind: "public" }> };
  };
}

export type Http = Context<ApiEnv>;

export const unsafe = (method: string): boolean => !["GET", "HEAD", "OPTIONS"].includes(method);
