import type { IncomingMessage, ServerResponse } from "node:http";

export const maxBodyBytes = 1024 * 1024;
/** How long a body may take. */
export const bodyPatienceMs = 10_000;

/**
 * Reads a request's body, as much as any request of ours may have, before anything looks at it.
 * @returns undefined when the body was refused; the answer is then already on its way
 */
export function readBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  patienceMs = bodyPatienceMs,
): Promise<Buffer | undefined> {
  const tooLarge = () =>
    refuse(incoming, outgoing, 413, "request.too_large", "The request has more than 1 MiB. Send less at once.");
  if (Number(incoming.headers["content-length"] ?? 0) > maxBodyBytes) {
    tooLarge();
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body: Buffer | undefined) => {
      clearTimeout(timer);
      incoming.removeListener("data", take);
      resolve(body);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) return void chunks.push(chunk);
      end(undefined);
      tooLarge();
    };
    const timer = setTimeout(() => {
      end(undefined);
      refuse(
        incoming,
        outgoing,
        408,
        "request.timeout",
        `The request did not end within ${patienceMs / 1000} s. Send it again.`,
      );
    }, patienceMs);
    incoming.on("data", take);
    incoming.once("end", () => end(Buffer.concat(chunks)));
    incoming.once("error", () => end(undefined));
    incoming.once("close", () => end(undefined));
  });
}

const titles: Record<number, string> = {
  400: "The request is not valid",
  408: "The request did not end",
  413: "The request is too large",
  421: "Another address",
  503: "Not available at the moment",
};

/** Answers with problem details (RFC 9457) before any app has seen the request. The connection ends with the answer. */
export function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  code: string,
  detail: string,
): void {
  const body = JSON.stringify({
    type: `urn:laurel:problem:${code}`,
    title: titles[status] ?? "The request failed",
    status,
    detail,
    instance: (incoming.url ?? "/").split("?")[0],
    code,
    requestId: "none",
    ...(status === 413 ? { errors: [{ field: "body", message: "has at most 1 MiB" }] } : {}),
    ...(status === 503 ? { retryAfterMs: 1000 } : {}),
  });
  outgoing.writeHead(status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    connection: "close",
    ...(status === 503 ? { "retry-after": "1" } : {}),
  });
  outgoing.end(body);
  // The sender reads the answer only after it has sent on for a while; then it is enough.
  incoming.resume();
  setTimeout(() => incoming.destroy(), 2000).unref();
}
