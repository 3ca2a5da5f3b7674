import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to an AWS service, as far as one tells it from another. */
export interface Asked {
  /** `PutItem`, `TransactWriteItems`, … of a service that names its actions; empty otherwise. */
  action: string;
  path: string;
  body: string;
}

/** An error of an AWS service: `{ status: 400, type: "ThrottlingException" }`. */
export interface Fault {
  status: number;
  type: string;
  message?: string;
}

/** A service with trouble in front of it: what is not spoilt goes through to the real one. */
export interface Faults {
  endpoint: string;
  /** Decides about each request from now on; undefined for no trouble. */
  spoil: ((asked: Asked) => Fault | undefined) | undefined;
  /** How many requests were spoilt. */
  spoilt: number;
  close(): Promise<void>;
}

/** @param target where the real service is */
export async function openFaults(target: string): Promise<Faults> {
  const faults: Faults = {
    endpoint: "",
    spoil: undefined,
    spoilt: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  const server = createServer(async (request, response) => {
    const body = await bytesOf(request);
    const action = String(request.headers["x-amz-target"] ?? "").replace(/^.*\./, "");
    const fault = faults.spoil?.({ action, path: request.url ?? "/", body: body.toString() });
    if (fault) {
      faults.spoilt++;
      const { status, type, message = "" } = fault;
      response
        .writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type })
        .end(JSON.stringify({ __type: type, message }));
      return;
    }
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    try {
      const answer = await fetch(target + request.url, {
        method: request.method!,
        headers: headers as Record<string, string>,
        ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      });
      const type = answer.headers.get("content-type");
      response
        .writeHead(answer.status, type ? { "content-type": type } : {})
        .end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  faults.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return faults;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
