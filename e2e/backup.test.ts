import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopEngine } from "@laurel/local/src/engine/keeper.ts";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { signInAs } from "./api.ts";
import { balances, type Delivery, decided, deliveriesOf, send, tableOf, together } from "./deliveries.ts";
import { node, type Program, start, startProgram, until } from "./program.ts";

/* Backup and restore of the data of this machine. Each test goes on where the one before it stopped. */

const { folder: seededFolder, port } = inject("seeded");
let parent: string;
let folder: string;
let program: Program | undefined;
let whileRunning: string;
/** What everybody had before anything was restored. */
let figures: [string, number][];
let late: Delivery[];

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "laurel-e2e-backup-"));
  folder = join(parent, "laurel");
  cpSync(seededFolder, folder, { recursive: true });
});
afterAll(async () => {
  await program?.stop().catch(() => {});
  await stopEngine(folder);
  rmSync(parent, { recursive: true, force: true });
});

/** A script of `package.json`, by hand. */
async function script(name: "backup" | "restore" | "ledger:check", ...words: string[]) {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const [, ...command] = scripts[name]!.split(" ");
  const run = start({ folder, port, command: [node, ...command, ...words] });
  const { code } = await run.ended;
  return { code, out: run.out(), err: run.err() };
}
const up = async () => {
  program = await startProgram({ folder, port });
  return program;
};
const down = async () => {
  expect(await program!.stop()).toBe(0);
  program = undefined;
};

test("a backup while Laurel runs and takes webhooks", async () => {
  const { run } = await up();
  const manager = await signInAs(run, "manager");
  const table = tableOf(run);
  const [early, later] = [await deliveriesOf(manager, table, 30), await deliveriesOf(manager, table, 30)];
  late = JSON.parse(JSON.stringify(later.all).replaceAll("test_kill", "test_late")) as Delivery[];
  await send(run, early.all);
  await until(async () => (await decided(run, table, early.all)) === early.all.length, "all of them");

  whileRunning = join(parent, "while-running.tar.gz");
  const sending = send(run, late, { atOnce: 4 });
  const made = await script("backup", whileRunning);
  await sending;
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(made.out).toContain(whileRunning);
  // There are secrets in it.
  expect(statSync(whileRunning).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((name) => name.startsWith("backup-"))).toEqual([]);
  await until(async () => (await decided(run, table, late)) === late.length, "the late ones");
  figures = together(await balances(manager));
  table.client.destroy();

  expect(await script("backup", whileRunning)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^laurel: .* is there already\. Name another file\.\n$/),
  });
}, 120_000);

test("restoring is refused while Laurel runs, and over data unless it is forced", async () => {
  expect(await script("restore", whileRunning)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^laurel: Laurel is already running on .*\n$/),
  });
  await down();
  const db = statSync(join(folder, "laurel.db")).mtimeMs;
  expect(await script("restore", whileRunning)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^laurel: There is data in .* already\. .*--force.*\n$/),
  });
  expect(await script("restore")).toMatchObject({ code: 1, err: expect.stringContaining("Name the backup") });
  expect(statSync(join(folder, "laurel.db")).mtimeMs).toBe(db);
});

test("a damaged backup, or something else, replaces nothing", async () => {
  const bytes = readFileSync(whileRunning);
  const cases: [name: string, content: Buffer][] = [
    ["cut.tar.gz", bytes.subarray(0, Math.floor(bytes.length / 2))],
    ["other.tar.gz", Buffer.from("a letter")],
  ];
  for (const [name, content] of cases) {
    const file = join(parent, name);
    writeFileSync(file, content);
    const refused = await script("restore", file, "--force");
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^laurel: [^\n]*(no backup|damaged)[^\n]*\n$/);
  }
  expect(await script("restore", join(parent, "missing"), "--force")).toMatchObject({ code: 1 });
  expect(existsSync(join(folder, "laurel.db"))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith("restore-"))).toEqual([]);
});

test("a backup of a stopped program, restored into a new folder, is the same program", async () => {
  const file = join(parent, "stopped.tar.gz");
  expect(await script("backup", file)).toMatchObject({ code: 0 });
  const old = folder;
  folder = join(parent, "elsewhere");
  expect(await script("restore", file)).toMatchObject({ code: 0, err: "" });
  const { run } = await up();
  const table = tableOf(run);
  expect(await decided(run, table, late)).toBe(late.length);
  table.client.destroy();
  await down();
  rmSync(folder, { recursive: true });
  folder = old;
}, 120_000);

test("the forced one goes back to the moment of the copy, and what was there is set aside", async () => {
  const restored = await script("restore", whileRunning, "--force");
  expect(restored).toMatchObject({ code: 0, err: "" });
  const [aside] = readdirSync(folder).filter((name) => name.startsWith("before-restore-"));
  expect(readdirSync(join(folder, aside!))).toEqual(expect.arrayContaining(["laurel.db", "secrets.json"]));
  expect(restored.out).toContain(aside);

  const { run } = await up();
  const manager = await signInAs(run, "manager");
  const table = tableOf(run);
  // Whoever sent the late ones sends them again, as a checkout would; they are counted once, whatever the copy held of them.
  for (const each of late) each.acknowledged = false;
  await send(run, late);
  await until(async () => (await decided(run, table, late)) === late.length, "the late ones");
  expect(together(await balances(manager))).toEqual(figures);
  expect(await script("ledger:check")).toMatchObject({ code: 0, out: expect.stringContaining("is balanced") });
  table.client.destroy();
  await down();
}, 120_000);
