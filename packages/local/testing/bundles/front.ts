import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import { urlEvent } from "../lambda.ts";

/** What a function answered, as Lambda understands it. */
export interface UrlAnswer {
  statusCode: number;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

/** Plays CloudFront's part on loopback: from requests to events of Function URLs, and from their answers to responses. */
export interface Front {
  origin: string;
  close(): Promise<void>;
}

/** Headers that Lambda takes for text; whatever else has a body comes in base 64. */
const isText = (type: string): boolean =>
  /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/.test(type);

/**
 * @param secret what is put on each request
 * @param behind who answers a path; undefined for nobody
 */
export async function openFront(
  secret: () => string,
  behind: (path: string) => ((event: LambdaFunctionURLEvent) => Promise<UrlAnswer>) | undefined,
): Promise<Front> {
  const server = createServer((request, response) => {
    answer(request).then(
      ({ statusCode, headers = {}, cookies = [], body = "", isBase64Encoded }) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        if (cookies.length > 0) response.setHeader("set-cookie", cookies);
        response.writeHead(statusCode).end(isBase64Encoded ? Buffer.from(body, "base64") : body);
      },
      // What a Function URL answers where its function has thrown.
      () => response.writeHead(502, { "content-type": "text/plain" }).end("Internal Server Error"),
    );
  });

  async function answer(request: IncomingMessage): Promise<UrlAnswer> {
    const path = request.url ?? "/";
    const does = behind(path);
    if (!does) return { statusCode: 404, body: "No such behaviour" };
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { cookie, host: _, connection: __, ...more } = request.headers;
    const headers = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)]));
    const text = isText(headers["content-type"] ?? "");
    return does(
      urlEvent({
        method: request.method ?? "GET",
        path,
        headers,
        secret: secret(),
        ...(cookie ? { cookies: cookie.split(/;\s*/) } : {}),
        ...(body.length === 0 ? {} : text ? { body: body.toString() } : { body: new Uint8Array(body) }),
      }),
    );
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
