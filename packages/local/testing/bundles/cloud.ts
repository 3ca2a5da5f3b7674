import { randomBytes } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import type { Keys, Log } from "@laurel/core/kernel";
import { createTableInput, openTable, type Table } from "@laurel/core/table";
import { createRuntime, type Runtime } from "@laurel/functions/runtime.ts";
import { wakes } from "@laurel/functions/stream/records.ts";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { type Inbox, startInbox } from "../../src/inbox/inbox.ts";
import { createPoller } from "../../src/stream/poller.ts";
import { openPositions } from "../../src/stream/positions.ts";
import { createReader } from "../../src/stream/reader.ts";
import { apiKey, openStandIn } from "../../src/stripe/testing.ts";
import { scheduledEvent } from "../lambda.ts";
import { secretsInMemory } from "../secrets.ts";
import { type FakeSsm, openSsm } from "../ssm.ts";
import { environmentOf, lambdaEnvironment } from "./environment.ts";
import { type Faults, openFaults } from "./faults.ts";
import { type Front, openFront, type UrlAnswer } from "./front.ts";
import { type Bundle, type Host, openHost } from "./host.ts";

/** A function as the templates have it. */
export interface DeployedFunction extends Bundle {
  // biome-ignore lint/suspicious/noExplicitAny: text, or an intrinsic as it stands in the template
  environment: Record<string, any>;
}

/**
 * The bundles of a deployment, each in a process of its own, around stand-ins for what AWS and a checkout would be: the
 * local engine with its stream, a parameter store, a mail inbox, Stripe, and a front door. No code of the program runs
 * anywhere else.
 */
export interface Cloud {
  /** The front door's address, which is the program's own. */
  origin: string;
  /** One function's process; started when it is first asked for. */
  host(name: string): Host;
  /** All that were started. */
  hosts(): ReadonlyMap<string, Host>;
  /** Ends a function's process: the next event finds a new one. */
  recycle(name: string): Promise<void>;
  ssm: FakeSsm;
  /** Trouble in front of the engine and of the mail service. */
  faults: { dynamodb: Faults; ses: Faults };
  inbox: Inbox;
  stripe: Awaited<ReturnType<typeof openStandIn>> & { apiKey: string };
  table: Table;
  /** For what is done to the table beside the functions, such as the first sign-in. */
  runtime: Runtime;
  originSecret: string;
  /** Records that a consumer was handed in vain so often that the event source gave them up: its dead letters. */
  dead: { consumer: string; record: DynamoDBRecord }[];
  /** Hands the stream's new records to the two consumers until there are no more. */
  settle(): Promise<void>;
  /** The minute's tick. */
  minute(): Promise<void>;
  /** Everything that any function has written to its log. */
  lines(): string[];
  close(): Promise<void>;
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const secretOf = () => randomBytes(24).toString("base64url");

/**
 * @param endpoint the engine's
 * @param more what differs from the templates; `undefined` takes a variable away
 */
export async function openCloud(
  functions: readonly DeployedFunction[],
  { endpoint, stage }: { endpoint: string; stage: string },
  more: Record<string, string | undefined> = {},
): Promise<Cloud> {
  const table = openTable({ tableName: `laurel-${randomBytes(8).toString("hex")}`, endpoint });
  const [ssm, inbox, stripe] = await Promise.all([
    openSsm(),
    startInbox(0),
    openStandIn({ accounts: [{ apiKey, webhooks: [] }] }),
    table.client.send(new CreateTableCommand(createTableInput(table.name))),
  ]);
  const [dynamodb, ses] = await Promise.all([openFaults(endpoint), openFaults(inbox.url)]);
  const [originSecret, nextSecret] = [secretOf(), secretOf()];
  const keys: Keys = { version: "k1", email: secretOf(), link: secretOf() };
  ssm.set(`/laurel/${stage}/origin-secret`, originSecret, "String");
  ssm.set(`/laurel/${stage}/origin-secret-next`, nextSecret, "String");
  ssm.set(`/laurel/${stage}/keys`, JSON.stringify(keys));

  const hosts = new Map<string, Host>();
  const closed: Host[] = [];
  const host = (name: string): Host => {
    let found = hosts.get(name);
    if (!found) {
      const it = functions.find((each) => each.name === name);
      if (!it) throw new Error(`There is no function ${name}`);
      const env = {
        ...lambdaEnvironment(it.functionName),
        ...environmentOf(it.environment, { parameters: ssm.parameters, tableName: table.name }),
        // Where AWS is, in the SDK's own words: credentials and region are found as they are on Lambda.
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
        AWS_ENDPOINT_URL_SSM: ssm.endpoint,
        AWS_ENDPOINT_URL_SESV2: ses.endpoint,
        STRIPE_API_BASE: stripe.apiBase,
        ...more,
      };
      found = openHost(
        it,
        Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => !!pair[1])),
      );
      hosts.set(name, found);
    }
    return found;
  };

  const behind: Record<string, string> = { api: "api", webhooks: "webhook", r: "redirect" };
  const front: Front = await openFront(
    () => originSecret,
    (path) => {
      const name = behind[/^\/([^/?]*)/.exec(path)?.[1] ?? ""];
      return name ? (event) => host(name).invoke<UrlAnswer>(event) : undefined;
    },
  );
  ssm.set(`/laurel/${stage}/public-origin`, front.origin, "String");

  const { Table: described } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  const reader = createReader(endpoint, described!.LatestStreamArn!);
  const dead: Cloud["dead"] = [];
  const pollers = (["effects", "rollups"] as const).map((name) =>
    createPoller({
      reader,
      positions: openPositions(undefined, reader.streamArn),
      consumers: [
        {
          name,
          filter: (record) => wakes(name, record),
          handle: (event: DynamoDBStreamEvent) => host(name).invoke<DynamoDBBatchResponse>(event),
          batchSize: name === "effects" ? 25 : 96,
        },
      ],
      log: silent,
      backoffMs: 5,
      onDead: (record) => void dead.push({ consumer: name, record }),
    }),
  );

  return {
    origin: front.origin,
    host,
    hosts: () => hosts,
    recycle: async (name) => {
      const it = hosts.get(name);
      hosts.delete(name);
      if (it) closed.push(it);
      await it?.close();
    },
    ssm,
    faults: { dynamodb, ses },
    inbox,
    stripe: { ...stripe, apiKey },
    table,
    runtime: createRuntime(
      {
        TABLE_NAME: table.name,
        PUBLIC_ORIGIN: front.origin,
        MAIL_FROM: "nobody@example.com",
        DYNAMODB_ENDPOINT: endpoint,
      },
      { secrets: secretsInMemory(), keys, log: silent, table },
    ),
    originSecret,
    dead,
    settle: async () => {
      for (let seen = 1; seen > 0; ) {
        seen = 0;
        for (const poller of pollers) seen += await poller.drain();
      }
    },
    minute: async () => void (await host("minute").invoke(scheduledEvent())),
    lines: () => [...closed, ...hosts.values()].flatMap((each) => each.lines),
    close: async () => {
      await Promise.all(pollers.map((poller) => poller.stop()));
      await stripe.close();
      await front.close();
      await Promise.all([...hosts.values()].map((each) => each.close()));
      await Promise.all([dynamodb.close(), ses.close(), ssm.close(), inbox.stop()]);
      await table.client.send(new DeleteTableCommand({ TableName: table.name }));
      table.client.destroy();
    },
  };
}
