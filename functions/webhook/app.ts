import { AppError } from "@laurel/core/kernel";
import { latestConnection } from "@laurel/core/program";
import { Hono } from "hono";
import type { ApiEnv } from "../api/http.ts";
import { onError, problem, wrongMethod } from "../api/problem.ts";
import type { Runtime } from "../runtime.ts";
import { maxBodyBytes, readBody } from "./body.ts";
import { isHeardAfterwards, receiveShopify } from "./shopify.ts";
import { receiveStripe } from "./stripe.ts";
import { receiveWooCommerce } from "./woocommerce.ts";

/** Each verifies by its provider's rules, and throws what is answered where it does not hold. */
const receivers = { stripe: receiveStripe, shopify: receiveShopify, woocommerce: receiveWooCommerce };

/** Checkout webhooks: one file a provider. They answer 2xx for whatever is signed, so that no sender retries what cannot be helped. */
export function createWebhook(runtime: Runtime): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.onError(onError(runtime.log));
  app.use("*", async (c, next) => {
    const requestId = runtime.newId("request");
    c.set("requestId", requestId);
    c.header("x-request-id", requestId);
    c.header("Cache-Control", "no-store");
    await next();
  });
  app.all("/webhooks/:provider/:connectionId", async (c) => {
    const started = performance.now();
    if (c.req.method !== "POST") return wrongMethod(c, ["POST"]);
    const { provider, connectionId } = c.req.param();
    const ctx = runtime.context({ kind: "system", name: "webhook" }, { requestId: c.get("requestId") });
    const connection = await latestConnection(ctx, connectionId);
    const over = connection?.forgottenAt && !isHeardAfterwards(connection, (name) => c.req.header(name));
    if (connection?.provider !== provider || over)
      throw new AppError("not_found", "not_found", "There is no such webhook. Copy its address from the portal again.");
    const encoding = c.req.header("content-encoding");
    if (encoding && encoding.toLowerCase() !== "identity")
      return problem(c, {
        status: 415,
        code: "webhook.encoding",
        detail: "Send the body as it is, without a content encoding.",
      });
    const body = await readBody(c.req.raw);
    if (!body)
      return problem(c, {
        status: 413,
        code: "webhook.too_large",
        detail: `A webhook has at most ${maxBodyBytes} bytes.`,
      });
    if (body.length === 0)
      throw new AppError("invalid", "webhook.empty", "The body is empty; there is nothing to verify.");
    await receivers[connection.provider](ctx, connection, (name) => c.req.header(name), body);
    const ms = Math.round(performance.now() - started);
    runtime.log.info("webhook.received", { requestId: ctx.requestId, connectionId, provider, bytes: body.length, ms });
    return c.json({ received: true });
  });
  app.notFound((c) =>
    problem(c, {
      status: 404,
      code: "not_found",
      detail: "There is no such webhook. Copy its address from the portal again.",
    }),
  );
  return app;
}
