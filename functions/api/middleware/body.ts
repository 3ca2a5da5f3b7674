import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { type ApiEnv, unsafe } from "../http.ts";
import { problem } from "../problem.ts";

const maxBytes = 256 * 1024;

/** 413 for what is larger than any request of ours. */
export const bodySize = bodyLimit({
  maxSize: maxBytes,
  onError: (c) =>
    problem(c, {
      status: 413,
      code: "request.too_large",
      detail: "The request has more than 256 KiB. Send less at once.",
      errors: [{ field: "body", message: "has at most 256 KiB" }],
    }),
});

/** 415 for a body that does not say that it is JSON. A form of another site cannot say so without asking first. */
export const bodyType = createMiddleware<ApiEnv>(async (c, next) => {
  if (unsafe(c.req.method)) {
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    const json = type === "application/json";
    if (!json && (type !== undefined || (await c.req.text()) !== ""))
      return problem(
        c,
        {
          status: 415,
          code: "request.content_type",
          detail: "Send JSON, with the header Content-Type: application/json.",
          errors: [{ field: "Content-Type", message: "must be application/json" }],
        },
        { Accept: "application/json" },
      );
  }
  await next();
});
