import { randomBytes } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import type { Id, StaffRole } from "@laurel/contract";
import {
  type Actor,
  type Context,
  idMaker,
  type Keys,
  type Log,
  type MetricName,
  type Metrics,
  type NewId,
} from "@laurel/core/kernel";
import { cachedProgram, setUp } from "@laurel/core/program";
import { createTableInput, openTable, type Table } from "@laurel/core/table";
import type { Runtime } from "../../../functions/runtime.ts";
import type { OutgoingMail } from "../../core/src/gateway/mail/port.ts";
import { type MinimalProgram, minimalProgram } from "../src/seed/minimal.ts";
import type { Poller } from "../src/stream/poller.ts";
import { type RecordingMail, recordingMail } from "./mail.ts";
import { secretsInMemory } from "./secrets.ts";
import { type RecordingShop, recordingShop } from "./shop.ts";
import { type RecordingStripe, recordingStripe } from "./stripe.ts";

export type { RecordingStripe } from "./stripe.ts";

/** The program's clock in a test: it stands still until it is moved. */
export interface TestClock {
  now(): Date;
  advance(ms: number): void;
  set(at: Date | string): void;
}

/** A program of its own on a fresh table. */
export interface World {
  runtime: Runtime;
  table: Table;
  /** A context; of the program itself by default. */
  ctx(actor?: Actor, more?: Parameters<Runtime["context"]>[1]): Context;
  clock: TestClock;
  newId: NewId;
  /** The program that was set up, with the ids of its parts. */
  program: MinimalProgram;
  /** The webhook secrets of its connection; the first is the current one. */
  webhookSecrets: string[];
  /** A person of the team, who stands in no table. */
  staff(role: StaffRole): Extract<Actor, { kind: "person" }>;
  stripe: RecordingStripe;
  shops: Record<"shopify" | "woocommerce", RecordingShop>;
  mail: RecordingMail;
  /** What was sent, oldest first. */
  mails: OutgoingMail[];
  /** What was logged, oldest first. */
  logs: { level: "info" | "warn" | "error"; message: string; data?: Record<string, unknown> | undefined }[];
  /** What was counted, summed up. */
  metrics: Partial<Record<MetricName, number>>;
  /**
   * Lets the stream's consumers do all that was intended, and what that intends in turn: effects run, events are decided,
   * figures are added up. What fails stays waiting for its next try, as it would. Returns how many stream records were seen.
   */
  settle(): Promise<number>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** The program's clock at the start; 15 June 2026, 10:00 UTC. */
  now?: Date | string;
  /** 30 s as in production. 0 where a test changes the program behind the runtime's back. */
  programMaxAgeMs?: number;
  /** Leaves the table empty. */
  withoutProgram?: boolean;
  /** The engine; the test run's own by default. Only needed outside of vitest. */
  endpoint?: string;
  publicOrigin?: string;
}

/**
 * Many tests do a hundred things at once on a machine that does other things too, and DynamoDB Local does one thing after the
 * other where AWS would refuse at once: it is waited for.
 */
const patient = {
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 20_000, httpAgent: { maxSockets: 128 } },
};

/** Opens a world. Close it in `afterAll` or `afterEach`: a table costs the engine a little. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const endpoint = options.endpoint ?? (await import("vitest")).inject("dynamodbEndpoint");
  const publicOrigin = options.publicOrigin ?? "http://localhost:4747";
  const table = openTable({ tableName: `laurel-${randomBytes(8).toString("hex")}`, endpoint }, patient);
  await table.client.send(new CreateTableCommand(createTableInput(table.name)));

  const clock = testClock(new Date(options.now ?? "2026-06-15T10:00:00.000Z"));
  const newId = idMaker(clock.now);
  const logs: World["logs"] = [];
  const mail = recordingMail();
  const stripe = recordingStripe();
  const shops = { shopify: recordingShop("shopify"), woocommerce: recordingShop("woocommerce") };
  const webhookSecrets = ["whsec_test_current", "whsec_test_previous"];
  const keys: Keys = { version: "k1", email: "an e-mail key for tests", link: "a link key for tests" };
  const gateways: Context["gateways"] = {
    stripe,
    ...shops,
    mail,
    secrets: secretsInMemory({ apiKey: "sk_test_laurel", webhookSecrets }),
  };
  const log = recordingLog(logs);
  const sums: World["metrics"] = {};
  const metrics: Metrics = {
    record: (name, value = 1) => {
      sums[name] = (sums[name] ?? 0) + value;
    },
  };
  const remembered = cachedProgram(table, options.programMaxAgeMs);
  const runtime: Runtime = {
    env: {
      TABLE_NAME: table.name,
      PUBLIC_ORIGIN: publicOrigin,
      MAIL_FROM: "hello@example.com",
      DYNAMODB_ENDPOINT: endpoint,
    },
    log,
    metrics,
    table,
    now: clock.now,
    newId,
    context: (actor, more = {}) => ({
      actor,
      now: clock.now,
      newId,
      table,
      gateways,
      log,
      metrics,
      keys,
      publicOrigin,
      requestId: more.requestId ?? newId("request"),
      idempotency: more.idempotency,
      program: remembered.get,
      silent: more.silent ?? false,
    }),
    forgetProgram: remembered.forget,
  };
  const ctx: World["ctx"] = (actor = { kind: "system", name: "test" }, more) => runtime.context(actor, more);
  const program = minimalProgram({ newId, now: clock.now(), origin: publicOrigin });
  if (!options.withoutProgram) await setUp(ctx(), program);

  const stream = lazily(() => openStream(runtime, endpoint));
  return {
    runtime,
    table,
    ctx,
    clock,
    newId,
    program,
    webhookSecrets,
    staff: (role) => ({
      kind: "person",
      personId: newId("person") as Id<"person">,
      roles: [role],
      ambassadorId: null,
      network: "127.0.0.1",
    }),
    stripe,
    shops,
    mail,
    mails: mail.mails,
    logs,
    metrics: sums,
    settle: async () => (await stream.get()).drain(),
    close: async () => {
      await stream.made()?.then((poller) => poller.stop());
      await table.client.send(new DeleteTableCommand({ TableName: table.name }));
      table.client.destroy();
    },
  };
}

/** The two real consumers on the table's own stream. Loaded only by tests that settle. */
async function openStream(runtime: Runtime, endpoint: string): Promise<Poller> {
  const [{ createPoller }, { openPositions }, { createReader }, { consumersOf }] = await Promise.all([
    import("../src/stream/poller.ts"),
    import("../src/stream/positions.ts"),
    import("../src/stream/reader.ts"),
    import("../src/stream/consumers.ts"),
  ]);
  const { Table } = await runtime.table.client.send(new DescribeTableCommand({ TableName: runtime.table.name }));
  const streamArn = Table!.LatestStreamArn!;
  return createPoller({
    reader: createReader(endpoint, streamArn),
    positions: openPositions(undefined, streamArn),
    consumers: consumersOf(runtime),
    log: runtime.log,
    backoffMs: 5,
  });
}

function lazily<T>(make: () => Promise<T>): { get(): Promise<T>; made(): Promise<T> | undefined } {
  let made: Promise<T> | undefined;
  return {
    get: () => {
      made ??= make();
      return made;
    },
    made: () => made,
  };
}

function testClock(start: Date): TestClock {
  let at = start.getTime();
  return {
    now: () => new Date(at),
    advance: (ms) => {
      at += ms;
    },
    set: (to) => {
      at = new Date(to).getTime();
    },
  };
}

function recordingLog(logs: World["logs"]): Log {
  const line = (level: World["logs"][number]["level"]) => (message: string, data?: Record<string, unknown>) =>
    void logs.push({ level, message, data });
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
