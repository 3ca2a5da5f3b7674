import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWorld } from "../testing/index.ts";
import { openClock } from "./clock.ts";
import { dump } from "./dump.ts";
import { lockFolder } from "./lock.ts";
import { readOptions } from "./options.ts";
import { createSchedule } from "./schedule/schedule.ts";
import { openSecrets } from "./secrets.ts";
import { demoRandom } from "./seed/random.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "laurel-machine-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("secrets are made once, differ by installation, and only their user may read them", async () => {
  const first = openSecrets(folder, {});
  const made = first.ensure("con_1");
  const again = openSecrets(folder, {});
  expect(again.keys).toEqual(first.keys);
  expect(await again.ofConnection("con_1")).toEqual(made);
  expect(made.webhookSecrets[0]).toMatch(/^whsec_/);
  expect(made.apiKey).toMatch(/^sk_test_/);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
  await expect(again.ofConnection("con_2")).rejects.toMatchObject({ kind: "unavailable" });
});

test("Stripe's own keys come from the environment, several webhook secrets with commas between", async () => {
  const secrets = openSecrets(folder, {
    STRIPE_SECRET_KEY: "sk_test_real",
    STRIPE_WEBHOOK_SECRET: "whsec_a, whsec_b,",
  });
  secrets.ensure("con_1");
  expect(secrets.realStripe).toBe(true);
  expect(await secrets.ofConnection("con_1")).toEqual({
    apiKey: "sk_test_real",
    webhookSecrets: ["whsec_a", "whsec_b"],
  });
  expect(readFileSync(join(folder, "secrets.json"), "utf8")).not.toContain("sk_test_real");
});

test("the clock stays where it was moved", () => {
  const dayMs = 86_400_000;
  const clock = openClock(folder);
  clock.advance(30 * dayMs);
  const again = openClock(folder);
  expect(Math.abs(again.now().getTime() - Date.now() - 30 * dayMs)).toBeLessThan(1000);
  again.set(new Date("2027-01-31T12:00:00Z"));
  expect(again.now().toISOString()).toMatch(/^2027-01-31T12:00:0/);
  again.reset();
  expect(openClock(folder).offsetMs()).toBe(0);
});

test("a folder is one process's at a time, and a dead one's lock is no hindrance", () => {
  const lock = lockFolder(folder);
  const other = `import("${join(import.meta.dirname, "lock.ts")}").then((lock) => { lock.lockFolder(${JSON.stringify(folder)}); console.log("got it"); process.kill(process.pid, "SIGKILL"); }, () => {}).catch((error) => console.log(error.message))`;
  const run = () => spawnSync(process.execPath, ["--no-warnings", "-e", other], { encoding: "utf8" }).stdout.trim();
  expect(run()).toBe(
    `Laurel is already running on ${folder} (process ${process.pid}). Stop it first, or set LAUREL_DIR to another folder.`,
  );
  lock.release();
  expect(run()).toBe("got it");
  expect(run()).toBe("got it");
  lockFolder(folder).release();
});

test("a job never runs twice at once, and its failure is logged and not its end", async () => {
  const errors: string[] = [];
  let running = 0;
  let most = 0;
  let runs = 0;
  const schedule = createSchedule({
    name: "test",
    everyMs: 5,
    log: { info: () => {}, warn: () => {}, error: (message) => void errors.push(message) },
    run: async () => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
      if (++runs === 2) throw new Error("once");
    },
  });
  schedule.start();
  await Promise.all([schedule.runNow(), schedule.runNow(), schedule.runNow()]);
  await sleep(60);
  await schedule.stop();
  const atEnd = runs;
  await sleep(30);
  expect(runs).toBe(atEnd);
  expect(runs).toBeGreaterThan(4);
  expect(most).toBe(1);
  expect(errors).toEqual(["A job failed"]);
});

test("the environment is read as it is documented, and refused where it makes no sense", () => {
  expect(readOptions({})).toMatchObject({
    port: 4747,
    publicOrigin: "http://localhost:4747",
    demo: "small",
    ownerEmail: "owner@example.com",
  });
  expect(
    readOptions({ PORT: "5000", LAUREL_DEMO: "0", OWNER_EMAIL: "me@example.org", LAUREL_DIR: folder }),
  ).toMatchObject({
    port: 5000,
    publicOrigin: "http://localhost:5000",
    demo: undefined,
    ownerEmail: "me@example.org",
    folder,
  });
  expect(readOptions({ LAUREL_DEMO: "year" }).demo).toBe("year");
  expect(readOptions({ PUBLIC_ORIGIN: "https://a.example/" }).publicOrigin).toBe("https://a.example");
  for (const wrong of [
    { PORT: "http" },
    { PORT: "70000" },
    { PUBLIC_ORIGIN: "nowhere" },
    { OWNER_EMAIL: "me" },
    { LAUREL_DEMO: "big" },
  ])
    expect(() => readOptions(wrong)).toThrow(Object.keys(wrong)[0]);
});

test("a dump is the same for the same content, in whatever order it was written", async () => {
  const worlds = await Promise.all([openWorld({ withoutProgram: true }), openWorld({ withoutProgram: true })]);
  const items = [
    { pk: "A", sk: "2", bytes: new Uint8Array([1, 2]), set: new Set(["x", "y"]) },
    { pk: "A", sk: "1", map: { b: 1, a: [2, { d: 4, c: 3 }] } },
    { pk: "META#local", sk: "META" },
  ];
  for (const [at, { table }] of worlds.entries())
    for (const Item of at ? items : items.toReversed())
      await table.client.send(new PutCommand({ TableName: table.name, Item }));
  const [first, second] = await Promise.all(worlds.map((world) => dump(world.table)));
  expect(first).toEqual(second);
  expect(first).toEqual([
    '{"map":{"a":[2,{"c":3,"d":4}],"b":1},"pk":"A","sk":"1"}',
    '{"bytes":{"base64":"AQI="},"pk":"A","set":["x","y"],"sk":"2"}',
  ]);
  for (const world of worlds) await world.close();
});

test("the demo's numbers are the same each time, and spread", () => {
  const take = () => {
    const random = demoRandom();
    return Array.from({ length: 1000 }, () => random());
  };
  expect(take()).toEqual(take());
  const numbers = take();
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, number) => sum + number) / 1000).toBeCloseTo(0.5, 1);
});

test("an old Node is told so in one line before anything else is read", () => {
  const old = join(folder, "old.cjs");
  writeFileSync(old, 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });');
  const root = join(import.meta.dirname, "../../..");
  const run = spawnSync(process.execPath, ["--require", old, "start.js"], { cwd: root, encoding: "utf8" });
  expect(run.status).toBe(1);
  expect(run.stdout).toBe("");
  expect(run.stderr).toBe(
    "laurel: This is Node 20.20.2. Laurel needs Node 24, or 22.18 and later of the 22 line: https://nodejs.org\n",
  );
});
