import type { IncomingMessage } from "node:http";
import type { Context } from "hono";

/** The network address of whoever asks: that of the socket. */
// biome-ignore lint/suspicious/noExplicitAny: it takes a request of any app
export const networkOfSocket = (c: Context<any>): string =>
  (c.env as { incoming?: IncomingMessage } | undefined)?.incoming?.socket.remoteAddress ?? "";
