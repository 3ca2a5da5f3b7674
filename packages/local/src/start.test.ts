import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { openTable } from "@laurel/core/table";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { runningEngine, stopEngine } from "./engine/keeper.ts";
import { isAlive } from "./engine/process.ts";
import { freePort } from "./port.ts";
import { type RunFile, readRun } from "./run-file.ts";

const root = join(import.meta.dirname, "../../..");
let folder: string;
let port: number;
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "laurel-start-"));
  port = await freePort();
});
afterAll(async () => {
  for (const child of started) if (child.exitCode === null) child.kill("SIGKILL");
  await stopEngine(folder);
  rmSync(folder, { recursive: true, force: true });
});

interface Start {
  child: ChildProcess;
  said: () => { out: string; err: string };
  ended: Promise<number | null>;
}

/** `npm start` without npm: its script with its environment. */
function start(env: Record<string, string> = {}): Start {
  const child = spawn(process.execPath, ["start.js"], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LAUREL_DIR: folder,
      LAUREL_DEMO: "0",
      OWNER_EMAIL: "me@example.org",
      PORT: String(port),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const said = { out: "", err: "" };
  child.stdout!.on("data", (chunk) => (said.out += chunk));
  child.stderr!.on("data", (chunk) => (said.err += chunk));
  return { child, said: () => said, ended: new Promise((done) => child.once("close", done)) };
}

const origin = () => `http://localhost:${port}`;
const local = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${port}${path}`, { ...init, redirect: "manual" });

/** How long it takes until it is healthy, in milliseconds. */
async function healthy({ said, child }: Start, withinMs = 90_000): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < withinMs) {
    const answer = await local("/api/health").catch(() => undefined);
    if (answer?.status === 200) return;
    if (child.exitCode !== null) break;
    await sleep(10);
  }
  throw new Error(`It did not come up: ${JSON.stringify(said())}`);
}

function residentMb(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kb = existsSync(status)
    ? /VmRSS:\s+(\d+)/.exec(readFileSync(status, "utf8"))?.[1]
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return Number(kb) / 1024;
}

async function runFile(): Promise<RunFile> {
  for (let wait = 0; wait < 100 && !readRun(folder); wait++) await sleep(20);
  return readRun(folder)!;
}

test("a first start that is empty: an owner, a program, and a file that tells where everything is", async () => {
  const first = start();
  await healthy(first);
  const run = await runFile();
  expect(Object.keys(run).sort()).toEqual([
    "apiUrl",
    "connections",
    "engineEndpoint",
    "inboxUrl",
    "portalUrl",
    "signInLinks",
    "tableName",
  ]);
  expect(run).toMatchObject({
    portalUrl: origin(),
    apiUrl: `${origin()}/api`,
    tableName: "laurel",
    connections: [
      {
        provider: "stripe",
        webhookUrl: expect.stringMatching(`^${origin()}/webhooks/stripe/con_`),
        webhookSecret: expect.stringMatching(/^whsec_/),
      },
    ],
    signInLinks: [{ role: "owner", email: "me@example.org", url: `${origin()}/local/sign-in?role=owner` }],
  });
  expect((await fetch(run.inboxUrl)).status).toBe(200);
  const page = await fetch(origin(), { headers: { accept: "text/html" } });
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(first.said().out).toContain(origin());
  expect(first.said().err).toBe("");
}, 120_000);

test("a sign-in link works whenever it is opened, each time with a sign-in of its own", async () => {
  const tokens: string[] = [];
  for (let time = 0; time < 2; time++) {
    const opened = await local("/local/sign-in?role=owner");
    expect(opened.status).toBe(302);
    const to = new URL(opened.headers.get("location")!);
    expect(to.pathname).toBe("/sign-in");
    tokens.push(new URLSearchParams(to.hash.slice(1)).get("token")!);
  }
  expect(tokens[0]).not.toBe(tokens[1]);
  const verify = (token: string) =>
    local("/api/auth/verify", {
      method: "POST",
      headers: { "content-type": "application/json", origin: origin() },
      body: JSON.stringify({ token }),
    });
  for (const token of tokens) {
    const answer = await verify(token);
    expect(answer.status).toBe(200);
    const cookie = answer.headers.get("set-cookie")!.split(";")[0]!;
    expect(await (await local("/api/me", { headers: { cookie } })).json()).toMatchObject({
      email: "me@example.org",
      roles: ["owner"],
    });
  }
  expect((await verify(tokens[0]!)).status).toBe(401);
  expect((await local("/local/sign-in?role=finance")).status).toBe(404);
});

test("the clock of the program is moved by a local route, for programs on this machine only", async () => {
  const move = (body: unknown, headers: Record<string, string> = {}) =>
    local("/local/clock", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const dayMs = 86_400_000;
  expect(await (await move({ advanceMs: dayMs })).json()).toMatchObject({ offsetMs: dayMs });
  const health = (await (await local("/api/health")).json()) as { time: string };
  expect(Date.parse(health.time) - Date.now()).toBeGreaterThan(dayMs - 60_000);
  expect((await move({ advanceMs: "a day" })).status).toBe(400);
  expect((await move({ reset: true }, { origin: "https://evil.example" })).status).toBe(403);
  expect(await (await move({ reset: true })).json()).toMatchObject({ offsetMs: 0 });
});

test("a second start on the same folder, and one on a taken port, end with one clear line each", async () => {
  const same = start({ PORT: String(await freePort()) });
  expect(await same.ended).toBe(1);
  expect(same.said().err).toMatch(/^laurel: Laurel is already running on .* \(process \d+\)\. .*\n$/);

  const elsewhere = mkdtempSync(join(tmpdir(), "laurel-start-"));
  const taken = start({ LAUREL_DIR: elsewhere });
  expect(await taken.ended).toBe(1);
  expect(taken.said().err).toMatch(new RegExp(`^laurel: Port ${port} is taken\\. .*\\n$`));
  expect(existsSync(join(elsewhere, "engine.json"))).toBe(false);
  rmSync(elsewhere, { recursive: true });
});

test("a start that is killed leaves its engine, which the next start adopts with everything in it", async () => {
  const before = await runFile();
  const engine = runningEngine(folder)!;
  started[0]!.kill("SIGKILL");
  await new Promise((done) => started[0]!.once("close", done));
  expect(isAlive(engine.pid)).toBe(true);
  await healthy(start());
  expect(runningEngine(folder)?.pid).toBe(engine.pid);
  await expect.poll(() => readRun(folder)?.connections).toEqual(before.connections);
});

test("Ctrl-C stops everything; the next start finds it all, and takes less than 350 MB", async () => {
  const stop = async (it: ChildProcess) => {
    const ended = new Promise((done) => it.once("close", done));
    const engine = runningEngine(folder)!;
    it.kill("SIGINT");
    await ended;
    expect(it.exitCode).toBe(0);
    expect(isAlive(engine.pid)).toBe(false);
    expect(existsSync(join(folder, "run.json"))).toBe(false);
  };
  await stop(started.at(-1)!);
  const again = start();
  await healthy(again);
  const { connections } = await runFile();
  expect(connections).toHaveLength(1);
  expect(residentMb(again.child.pid!) + residentMb(runningEngine(folder)!.pid)).toBeLessThan(350);
  await stop(again.child);
}, 60_000);

test("a start can be given up at any moment and leaves nothing running", async () => {
  const given = start();
  while (!runningEngine(folder)) await sleep(5);
  given.child.kill("SIGTERM");
  expect(await given.ended).toBe(0);
  expect(runningEngine(folder)).toBeUndefined();
});

test("after a first start that was cut short, the data is made anew", async () => {
  const secrets = readFileSync(join(folder, "secrets.json"), "utf8");
  writeFileSync(join(folder, "seeding"), "");
  const again = start();
  await healthy(again);
  const { connections } = await runFile();
  expect(again.said().out).toContain("made anew");
  expect(connections).toHaveLength(1);
  expect(secrets).not.toContain(connections[0]!.id);
  expect(existsSync(join(folder, "seeding"))).toBe(false);
  again.child.kill("SIGTERM");
  expect(await again.ended).toBe(0);
});

test("with DYNAMODB_ENDPOINT, another engine holds the data, and is not stopped", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "laurel-start-"));
  const endpoint = inject("dynamodbEndpoint");
  const tableName = `laurel-${Date.now()}`;
  const other = start({ LAUREL_DIR: elsewhere, DYNAMODB_ENDPOINT: endpoint, TABLE_NAME: tableName });
  await healthy(other);
  expect(existsSync(join(elsewhere, "engine.json"))).toBe(false);
  other.child.kill("SIGINT");
  expect(await other.ended).toBe(0);
  const table = openTable({ tableName, endpoint });
  const answer = await table.client.send(new DeleteTableCommand({ TableName: tableName }));
  expect(answer.TableDescription?.TableName).toBe(tableName);
  table.client.destroy();
  rmSync(elsewhere, { recursive: true });
});

test("a variable that makes no sense is one clear line", async () => {
  const wrong = start({ PORT: "http" });
  expect(await wrong.ended).toBe(1);
  expect(wrong.said()).toEqual({
    out: "",
    err: "laurel: PORT is http, which is no port. Use a number from 1 to 65535.\n",
  });
});

test("somebody who holds only the IPv6 port is noticed too", async () => {
  const other = createServer();
  const taken = await freePort();
  const listening = await new Promise<boolean>((done) => {
    other.once("error", () => done(false));
    other.listen(taken, "::1", () => done(true));
  });
  // Where a machine has no IPv6, nobody can hold its port.
  if (listening) {
    const start6 = start({ PORT: String(taken) });
    expect(await start6.ended).toBe(1);
    expect(start6.said().err).toContain(`Port ${taken} is taken`);
    other.close();
  }
});
