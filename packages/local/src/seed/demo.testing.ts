import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { idMaker } from "@laurel/core/kernel";
import { setUp } from "@laurel/core/program";
import { createTableInput, openTable, type Table } from "@laurel/core/table";
import { createRuntime, type Runtime } from "@laurel/functions/runtime.ts";
import { secretsInMemory } from "../../testing/secrets.ts";
import { openCheckoutDoor } from "../checkout.ts";
import { createShopsRoom } from "../shops/room.ts";
import { seedDemo } from "./demo.ts";
import { demoProgram } from "./demo-program.ts";
import type { DemoSize } from "./demo-size.ts";
import type { KnownPerson } from "./people.ts";
import { demoRandom } from "./random.ts";

const anchor = new Date("2026-11-22T09:30:00.000Z");
const origin = "http://localhost:4747";
const quiet = { info() {}, warn() {}, error() {} };

/** A demo on a table of its own, with a checkout beside it. */
export interface Seeded {
  table: Table;
  runtime: Runtime;
  people: KnownPerson[];
  wallS: number;
  cpuS: number;
  mails: number;
  close(): Promise<void>;
}

export async function seeded(endpoint: string, size: DemoSize): Promise<Seeded> {
  const table = openTable({ tableName: `laurel-${randomBytes(8).toString("hex")}`, endpoint });
  await table.client.send(new CreateTableCommand(createTableInput(table.name)));
  const door = await openCheckoutDoor(0);
  let mails = 0;
  const made = createRuntime(
    {
      TABLE_NAME: table.name,
      PUBLIC_ORIGIN: origin,
      MAIL_FROM: "demo@example.com",
      DYNAMODB_ENDPOINT: endpoint,
      STRIPE_API_BASE: door.apiBase,
    },
    {
      secrets: secretsInMemory({ apiKey: "sk_test_demo", webhookSecrets: ["whsec_demo"] }),
      keys: { version: "k1", email: "demo e-mail key", link: "demo link key" },
      log: quiet,
      now: () => anchor,
      table,
    },
  );
  const mail = { send: async () => ({ messageId: String(++mails) }) };
  const runtime: Runtime = {
    ...made,
    context: (actor, more) => {
      const ctx = made.context(actor, more);
      return { ...ctx, gateways: { ...ctx.gateways, mail: { ...ctx.gateways.mail, ...mail } } };
    },
  };
  const random = demoRandom();
  const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const newId = () => idMaker(() => anchor, bytes);
  await setUp(
    {
      ...runtime.context({ kind: "system", name: "test" }, { silent: true }),
      newId: newId(),
      requestId: "demo",
      now: () => anchor,
    },
    demoProgram({ newId: newId(), now: anchor, origin }),
  );
  const { standIn } = door.open({
    folder: "",
    accounts: [
      { id: "con_demo", apiKey: "sk_test_demo", webhookUrl: "http://127.0.0.1:9/none", webhookSecrets: ["whsec_demo"] },
    ],
    now: () => anchor,
    log: quiet,
  });
  const folder = mkdtempSync(join(tmpdir(), "laurel-demo-shops-"));
  const shops = createShopsRoom({ folder, origin, now: () => anchor, log: quiet });
  const beside = { stripeFaults: standIn.faults, shops };
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const people = await seedDemo(runtime, { progress: () => {}, now: anchor, random, size, beside });
  const cpu = process.cpuUsage(cpuBefore);
  return {
    table,
    runtime,
    people,
    wallS: (performance.now() - startedAt) / 1000,
    cpuS: (cpu.user + cpu.system) / 1e6,
    mails,
    close: async () => {
      await door.close();
      await shops.close();
      rmSync(folder, { recursive: true, force: true });
      await table.client.send(new DeleteTableCommand({ TableName: table.name }));
      table.client.destroy();
    },
  };
}

/** Every item of a table. */
export async function itemsOf(table: Table): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ConsistentRead: true, ExclusiveStartKey: after }),
    );
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after);
  return items;
}
