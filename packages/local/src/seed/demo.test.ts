import { randomBytes } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { checkLedger } from "@laurel/core/ledger-check";
import { setUp } from "@laurel/core/program";
import { createTableInput, openTable, type Table } from "@laurel/core/table";
import { createRuntime } from "@laurel/functions/runtime.ts";
import { afterAll, expect, inject, test } from "vitest";
import { openCheckoutDoor } from "../checkout.ts";
import { seedDemo } from "./demo.ts";
import { beginDemo, demoProgram } from "./demo-program.ts";
import { demoRandom } from "./random.ts";

const quiet = { info() {}, warn() {}, error() {} };
const anchor = new Date("2026-11-22T09:30:00.000Z");
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function seeded() {
  const table: Table = openTable({
    tableName: `laurel-${randomBytes(8).toString("hex")}`,
    endpoint: inject("dynamodbEndpoint"),
  });
  await table.client.send(new CreateTableCommand(createTableInput(table.name)));
  const door = await openCheckoutDoor(0);
  const secrets = { ofConnection: async () => ({ apiKey: "sk_test_demo", webhookSecrets: ["whsec_demo"] }) };
  let mails = 0;
  const runtime = createRuntime(
    {
      TABLE_NAME: table.name,
      PUBLIC_ORIGIN: "http://localhost:4747",
      MAIL_FROM: "demo@example.com",
      DYNAMODB_ENDPOINT: inject("dynamodbEndpoint"),
      STRIPE_API_BASE: door.apiBase,
    },
    {
      secrets,
      keys: { version: "k1", email: "demo e-mail key", link: "demo link key" },
      log: quiet,
      now: () => anchor,
      table,
    },
  );
  const ctx = runtime.context({ kind: "system", name: "test" }, { silent: true });
  ctx.gateways.mail.send = async () => ({ messageId: String(++mails) });
  const began = beginDemo(ctx);
  await setUp(began, demoProgram({ newId: began.newId, now: began.now(), origin: "http://localhost:4747" }));
  const { standIn } = door.open({
    folder: "",
    accounts: [{ apiKey: "sk_test_demo", webhookUrl: "http://127.0.0.1:9/none", webhookSecrets: ["whsec_demo"] }],
    now: () => anchor,
    log: quiet,
  });
  const startedAt = performance.now();
  const people = await seedDemo(runtime, { progress: () => {}, now: anchor, random: demoRandom() });
  const seconds = (performance.now() - startedAt) / 1000;
  closing.push(async () => {
    await door.close();
    await table.client.send(new DeleteTableCommand({ TableName: table.name }));
    table.client.destroy();
  });
  return { table, people, seconds, mails: () => mails, standIn };
}

/** Every item, sorted, in a form that can be compared. */
async function dump(table: Table): Promise<string[]> {
  const lines: string[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(new ScanCommand({ TableName: table.name, ExclusiveStartKey: after }));
    for (const item of page.Items ?? [])
      lines.push(
        JSON.stringify(item, (_, value) =>
          value && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array)
            ? Object.fromEntries(Object.entries(value).sort())
            : value,
        ),
      );
    after = page.LastEvaluatedKey;
  } while (after);
  return lines.sort();
}

test("the demo's year is the same twice, adds up, and mails nobody", async () => {
  const first = await seeded();
  console.info(`demo seeded in ${first.seconds.toFixed(1)} s`);
  const lines = await dump(first.table);
  const count = (entity: string, also = "") =>
    lines.filter((line) => line.includes(`"__edb_e__":"${entity}"`) && line.includes(also)).length;

  expect(count("ambassador")).toBe(20);
  expect(count("tier")).toBe(3);
  expect(count("campaign")).toBe(2);
  expect(count("application", '"status":"confirmed"')).toBe(15);
  expect(count("order")).toBe(300);
  expect(
    new Set(lines.flatMap((line) => (line.includes('"__edb_e__":"order"') ? [JSON.parse(line).currency] : []))),
  ).toEqual(new Set(["EUR", "USD", "JPY"]));
  const refunded = count("order", '"status":"refunded"');
  const partly = count("order", '"status":"partly_refunded"');
  expect({ refunded, partly }).toEqual({ refunded: 18, partly: 18 });
  expect(count("code", '"state":"active"')).toBe(20);
  expect(count("effect", '"kind":"mail.')).toBe(0);
  expect(first.mails()).toBe(0);

  const checked = await checkLedger(first.table);
  expect(checked.differences).toEqual([]);
  expect(checked.commissions).toBeGreaterThan(200);
  expect(first.people.map((each) => each.role)).toEqual(["owner", "manager", "finance", "ambassador"]);

  const second = await seeded();
  expect(await dump(second.table)).toEqual(lines);
}, 180_000);
