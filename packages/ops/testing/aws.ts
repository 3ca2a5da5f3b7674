import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a fake service is asked, and what it answers. */
export interface Asked {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
  /** The operation's name, where the protocol puts it into a header or the form: `PutParameter`, `DescribeStacks`. */
  operation: string;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** One service, written from its API reference. Undefined where the request is none of its own. */
export type Service = (asked: Asked) => Answer | undefined | Promise<Answer | undefined>;

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(value),
});

/** An error as the JSON protocols tell it: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export const jsonError = (type: string, message: string, status = 400): Answer => ({
  ...json({ __type: type, message, Message: message }, status),
  headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type },
});

export const xml = (body: string, headers: Record<string, string> = {}, status = 200): Answer => ({
  status,
  headers: { "content-type": "text/xml", ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

/** An error as the Query and REST-XML protocols tell it. */
export const xmlError = (code: string, message: string, status = 400): Answer =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>req</RequestId></ErrorResponse>`,
    {},
    status,
  );

/** AWS's edge: every service on one port, reached through the SDK's own variables for it. */
export interface FakeAws {
  asked: Asked[];
  /**
   * The caller is dead after so many further writes: the last one is done, its answer is lost, and nothing more is
   * taken. Undefined lets it live on.
   */
  dieAfter(writes: number | undefined): void;
  /** Called after each write that was done. */
  onWrite(listener: (asked: Asked) => void): void;
  close(): Promise<void>;
}

/** What changes something. `Invoke` and `ReceiveMessage` are told apart by their services. */
const writes = /^(Put|Update|Delete|Create|Send|Invoke)/;

/** Points the SDK's clients at fakes, and gives them credentials; the environment is put back at the end. */
export async function openFakeAws(services: Service[]): Promise<FakeAws> {
  const asked: Asked[] = [];
  const listeners: ((asked: Asked) => void)[] = [];
  let left: number | undefined;
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const request = readAsked(incoming, Buffer.concat(parts).toString("utf8"));
    if (left === 0) return void incoming.socket.destroy();
    asked.push(request);
    const answer = await answerOf(services, request);
    if (writes.test(request.operation) && (answer.status ?? 200) < 400) {
      for (const listener of listeners) listener(request);
      if (left !== undefined && --left === 0) return void incoming.socket.destroy();
    }
    send(outgoing, answer);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const before = { ...process.env };
  for (const service of ["SSM", "CLOUDFORMATION", "CLOUDFRONT", "LAMBDA", "SQS"])
    process.env[`AWS_ENDPOINT_URL_${service}`] = url;
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_MAX_ATTEMPTS: "1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  });
  delete process.env.AWS_PROFILE;
  return {
    asked,
    dieAfter: (count) => {
      left = count;
    },
    onWrite: (listener) => void listeners.push(listener),
    close: async () => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function readAsked(incoming: IncomingMessage, body: string): Asked {
  const { method = "GET", url: path = "/", headers } = incoming;
  const target = String(headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1);
  const form = headers["content-type"]?.includes("x-www-form-urlencoded")
    ? new URLSearchParams(body).get("Action")
    : undefined;
  const verb = { PUT: "Put", POST: "Invoke", DELETE: "Delete" }[method] ?? "Get";
  return { method, path, headers, body, operation: target || form || verb };
}

async function answerOf(services: Service[], asked: Asked): Promise<Answer> {
  for (const service of services) {
    const answer = await service(asked);
    if (answer) return answer;
  }
  return jsonError(
    "UnknownOperationException",
    `Nobody here knows ${asked.method} ${asked.path} ${asked.operation}`,
    404,
  );
}

function send(outgoing: ServerResponse, { status = 200, headers = {}, body = "" }: Answer): void {
  outgoing.writeHead(status, { "x-amzn-requestid": "req", ...headers }).end(body);
}
