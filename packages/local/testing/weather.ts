import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { openTable, type Table } from "@laurel/core/table";

/** Trouble on the way: single calls that go wrong, and now and then a short time in which all of them do. */
export interface Weather {
  /** What goes wrong with this call; undefined where nothing does. @param outages what an outage is made of */
  strike<K extends string>(place: string, kinds: readonly K[], outages: readonly K[]): K | undefined;
  /** How often what went wrong where. */
  counts: Record<string, number>;
  /** Nothing goes wrong any more. */
  clear(): void;
}

/**
 * @param rate of single calls that go wrong
 * @param outageEvery so many calls of one place lie between two outages on average
 */
export function openWeather(
  chance: () => number,
  {
    rate = 0.05,
    outageEvery = 1_500,
    outageMs = [20, 180],
  }: Partial<{ rate: number; outageEvery: number; outageMs: readonly [number, number] }> = {},
): Weather {
  const outages = new Map<string, { kind: string; untilMs: number }>();
  const counts: Weather["counts"] = {};
  let stormy = true;
  const pick = <K>(of: readonly K[]): K => of[Math.floor(chance() * of.length)]!;
  return {
    counts,
    clear: () => {
      stormy = false;
    },
    strike(place, kinds, all) {
      if (!stormy) return undefined;
      const now = performance.now();
      let outage = outages.get(place);
      if ((outage?.untilMs ?? 0) < now && chance() < 1 / outageEvery) {
        outage = { kind: pick(all), untilMs: now + outageMs[0] + chance() * (outageMs[1] - outageMs[0]) };
        outages.set(place, outage);
      }
      const out = outage && outage.untilMs >= now ? (outage.kind as (typeof kinds)[number]) : undefined;
      const kind = out ?? (chance() < rate ? pick(kinds) : undefined);
      if (kind) counts[`${place}: ${kind}`] = (counts[`${place}: ${kind}`] ?? 0) + 1;
      return kind;
    },
  };
}

interface EngineRequest {
  headers: Record<string, string>;
  body: string | Uint8Array;
}
interface EngineAnswer {
  response: { statusCode: number; headers: Record<string, string>; body: unknown; reason?: string };
}
interface Handler {
  handle(request: EngineRequest, options: unknown): Promise<EngineAnswer>;
}

const textOf = ({ body }: EngineRequest): string => (typeof body === "string" ? body : Buffer.from(body).toString());

const before = ["refused", "dropped", "5xx", "throttled"] as const;
const afterWrite = ["time-out after the write", "dropped after the write", "5xx after the write"] as const;
const inTheWay = ["TransactionConflict", "TransactionInProgress"] as const;
type EngineFault =
  | (typeof before)[number]
  | (typeof afterWrite)[number]
  | (typeof inTheWay)[number]
  | "unprocessed keys";

/**
 * A table whose calls go wrong between the SDK and the engine: below the SDK's own retries, so that those and the request
 * tokens of its transactions are part of what is tried.
 */
export function openStormyTable(
  { name, endpoint, onRetry }: { name: string; endpoint: string; onRetry: Table["onRetry"] },
  weather: Weather,
): Table {
  const table = openTable({ tableName: name, endpoint, onRetry });
  const config = table.client.config as unknown as { requestHandler: Handler };
  const calm = config.requestHandler;

  let throttled = 0;
  async function handle(request: EngineRequest, options: unknown): Promise<EngineAnswer> {
    const operation = request.headers["x-amz-target"]!.split(".")[1]!;
    const transaction = operation === "TransactWriteItems";
    const single = ["PutItem", "UpdateItem", "DeleteItem"].includes(operation);
    // What leaves one in doubt comes oftener than what does not.
    const kinds: readonly EngineFault[] = [
      ...before,
      ...(transaction || single ? [...afterWrite, ...afterWrite] : []),
      ...(transaction ? [...inTheWay, ...inTheWay] : []),
      ...(operation === "BatchGetItem" ? (["unprocessed keys"] as const) : []),
    ];
    const kind = weather.strike<EngineFault>("engine", kinds, before);
    switch (kind) {
      case undefined:
        return calm.handle(request, options);
      case "refused":
        throw broken("connect ECONNREFUSED", "ECONNREFUSED");
      case "dropped":
        throw broken("socket hang up", "ECONNRESET");
      case "5xx":
        return refusal(500, "InternalServerError");
      case "throttled":
        return refusal(400, chooseBy(++throttled, ["ThrottlingException", "ProvisionedThroughputExceededException"]));
      case "TransactionConflict": {
        const items = (JSON.parse(textOf(request)) as { TransactItems: unknown[] }).TransactItems.length;
        return refusal(400, "TransactionCanceledException", {
          CancellationReasons: Array.from({ length: items }, (_, at) => ({
            Code: at === 0 ? "TransactionConflict" : "None",
          })),
        });
      }
      case "TransactionInProgress":
        return refusal(400, "TransactionInProgressException");
      case "unprocessed keys":
        return withoutHalf(request, options);
      default:
        // It was done. Whoever asked for it does not learn so.
        await calm.handle(request, options).then(({ response }) => drained(response.body));
        if (kind === "5xx after the write") return refusal(500, "InternalServerError");
        if (kind === "dropped after the write") throw broken("socket hang up", "ECONNRESET");
        throw Object.assign(new Error("The engine did not answer in time"), { name: "TimeoutError" });
    }
  }

  /** The engine reads a half of what it was asked for, and says so. */
  async function withoutHalf(request: EngineRequest, options: unknown): Promise<EngineAnswer> {
    const asked = JSON.parse(textOf(request)) as { RequestItems: Record<string, { Keys: unknown[] }> };
    const [[of, wanted]] = Object.entries(asked.RequestItems) as [[string, { Keys: unknown[] }]];
    const half = Math.ceil(wanted.Keys.length / 2);
    const body = JSON.stringify({ RequestItems: { [of]: { ...wanted, Keys: wanted.Keys.slice(0, half) } } });
    const headers = { ...request.headers, "content-length": String(Buffer.byteLength(body)) };
    const { response } = await calm.handle(Object.assign(Object.create(request), { body, headers }), options);
    const answer = JSON.parse(await drained(response.body)) as Record<string, unknown>;
    const left = wanted.Keys.slice(half);
    if (left.length > 0) answer.UnprocessedKeys = { [of]: { ...wanted, Keys: left } };
    return answered(response.statusCode, answer);
  }

  config.requestHandler = Object.create(calm, { handle: { value: handle } });
  return table;
}

const chooseBy = <T>(number: number, of: readonly T[]): T => of[number % of.length]!;
const broken = (message: string, code: string): Error => Object.assign(new Error(message), { code });
const answered = (statusCode: number, body: Record<string, unknown>): EngineAnswer => ({
  response: {
    statusCode,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: Readable.from([Buffer.from(JSON.stringify(body))]),
  },
});
const refusal = (statusCode: number, name: string, more: Record<string, unknown> = {}): EngineAnswer =>
  answered(statusCode, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "Trouble on demand", ...more });

async function drained(body: unknown): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

const httpFaults = ["dropped", "5xx", "429", "dropped after it was done", "5xx after it was done"] as const;
export type HttpFault = (typeof httpFaults)[number];
const httpOutages: readonly HttpFault[] = ["dropped", "5xx"];

/** Serves an app on loopback with trouble on the way to it: connections that really break, before and after it has done its work. */
export async function serveInWeather(
  app: { fetch(request: Request): Response | Promise<Response> },
  weather: Weather,
  place: string,
  kinds: readonly HttpFault[] = httpFaults,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request: Request, env: unknown) => {
      const drop = (): Response => {
        (env as { incoming: IncomingMessage }).incoming.socket.destroy();
        return new Response(null, { status: 502 });
      };
      const kind = weather.strike(place, kinds, httpOutages);
      if (kind === "dropped") return drop();
      if (kind === "5xx") return new Response("Trouble on demand", { status: 503 });
      if (kind === "429") return new Response("Trouble on demand", { status: 429, headers: { "retry-after": "0" } });
      const answer = await app.fetch(request);
      if (kind === undefined) return answer;
      // Whatever it was is done; the answer gets lost.
      await answer.arrayBuffer();
      await sleep(1);
      return kind === "dropped after it was done" ? drop() : new Response("Trouble on demand", { status: 502 });
    },
  });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        (server as unknown as { closeAllConnections(): void }).closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
