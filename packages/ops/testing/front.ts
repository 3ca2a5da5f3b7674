import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** An answer on its way to a visitor. */
export interface Passing {
  method: string;
  /** Path and query. */
  path: string;
  request: Headers;
  status: number;
  headers: Headers;
  body: string;
}

export interface Front {
  origin: string;
  /** What becomes of each answer; nothing unless it is set. */
  tamper: (answer: Passing) => void;
  close(): Promise<void>;
}

/** Stands before a server as CloudFront does, compresses, adds HSTS, and spoils whatever a test wants to be spoilt. */
export async function openFront(upstream: string): Promise<Front> {
  const front: Front = { origin: "", tamper: () => {}, close: async () => {} };
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const { host: _, connection: __, "content-length": ___, "transfer-encoding": ____, ...rest } = incoming.headers;
    const request = new Headers(rest as Record<string, string>);
    const answered = await fetch(new URL(incoming.url ?? "/", upstream), {
      method: incoming.method!,
      headers: request,
      redirect: "manual",
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    });
    const answer: Passing = {
      method: incoming.method!,
      path: incoming.url ?? "/",
      request,
      status: answered.status,
      headers: new Headers(answered.headers),
      body: await answered.text(),
    };
    answer.headers.delete("content-length");
    answer.headers.set("strict-transport-security", "max-age=63072000; includeSubDomains");
    const wanted = request.get("accept-encoding") ?? "";
    const encoding = answer.path.startsWith("/assets/") && ["br", "gzip"].find((each) => wanted === each);
    if (encoding) answer.headers.set("content-encoding", encoding);
    front.tamper(answer);
    const kept = answer.headers.get("content-encoding");
    const body =
      kept === "br" ? brotliCompressSync(answer.body) : kept === "gzip" ? gzipSync(answer.body) : answer.body;
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  front.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  front.close = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return front;
}
