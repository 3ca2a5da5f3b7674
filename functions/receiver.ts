import type { StripeGateway } from "@laurel/core/gateway/stripe";
import { verifySignature } from "@laurel/core/gateway/stripe/signature.ts";
import type { Context } from "@laurel/core/kernel";
import { assemble } from "./assemble.ts";
import { plainTelemetry } from "./plain-telemetry.ts";
import { only, starting } from "./starting.ts";

/** For the receiver of webhooks, which answers without asking anybody else: the table, the keys, and what checks a signature. */
export const receiverRuntime = starting(plainTelemetry, (env, { secrets, ...parts }) =>
  assemble(env, only<Context["gateways"]>({ secrets, stripe: only<StripeGateway>({ verifySignature }) }), parts),
);
