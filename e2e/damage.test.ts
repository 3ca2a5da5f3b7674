import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runningEngine } from "@laurel/local/src/engine/keeper.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, sendSigned } from "./api.ts";
import { freePort, node, start, startProgram, until } from "./program.ts";

/* A file, a folder or a disk that is not as it should be: one clear line, a start that fails, and nothing touched. */

let port: number;
/** A small program's folder, stopped in good order; each test damages a copy. */
let whole: string;
const folders: string[] = [];
const isRoot = process.getuid?.() === 0;
/** Nobody in particular. */
const somebody = 65_534;

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "laurel-e2e-damage-"));
  folders.push(folder);
  return folder;
};
const copyOfWhole = (): string => {
  const folder = newFolder();
  cpSync(whole, folder, { recursive: true });
  return folder;
};

beforeAll(async () => {
  port = await freePort();
  whole = newFolder();
  const program = await startProgram({ folder: whole, port, env: { LAUREL_DEMO: "0" } });
  expect(await program.stop()).toBe(0);
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What stands in the files that matter. */
const hashes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => /^(laurel\.db|stripe\.sqlite|secrets\.json|clock\.json|positions\.json)$/.test(name))
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
  );

/** Starts on a folder that cannot work. @returns the one line that it says */
async function refusal(folder: string, how: { as?: number; preload?: string } = {}): Promise<string> {
  const before = hashes(folder);
  const started = start({
    folder,
    port,
    env: { LAUREL_DEMO: "0", ...(how.preload ? { NODE_OPTIONS: `--require=${how.preload}` } : {}) },
    ...(how.as === undefined ? {} : { uid: how.as }),
  });
  const { code } = await started.ended;
  expect(code, started.out() + started.err()).toBe(1);
  expect(started.out()).toBe("");
  expect(started.err()).toMatch(/^laurel: [^\n]+\n$/);
  expect(hashes(folder)).toMatchObject(before);
  expect(runningEngine(folder)).toBeUndefined();
  return started.err();
}

const dbOf = (folder: string) => join(folder, "laurel.db");

test("a file that was cut short", async () => {
  const folder = copyOfWhole();
  truncateSync(dbOf(folder), Math.floor(statSync(dbOf(folder)).size / 2));
  expect(await refusal(folder)).toMatch(/The data file .*laurel\.db is damaged .*npm run restore/);
});

test("a page of zeros in the middle", async () => {
  const folder = copyOfWhole();
  const pages = statSync(dbOf(folder)).size / 4096;
  const file = openSync(dbOf(folder), "r+");
  for (const page of [Math.floor(pages / 2), Math.floor(pages / 2) + 1])
    writeSync(file, Buffer.alloc(4096), 0, 4096, page * 4096);
  expect(await refusal(folder)).toMatch(/The data file .*laurel\.db is damaged/);
});

test("something else in its place", async () => {
  const folder = copyOfWhole();
  writeFileSync(dbOf(folder), "a letter to somebody");
  expect(await refusal(folder)).toMatch(/laurel\.db is damaged \(file is not a database\)/);
});

test("an empty file where there was a program is a lost one, not a new one", async () => {
  const folder = copyOfWhole();
  truncateSync(dbOf(folder), 0);
  expect(await refusal(folder)).toMatch(/laurel\.db is empty, although there was a program in it/);
});

test("the checkout's memory, damaged", async () => {
  const folder = copyOfWhole();
  truncateSync(join(folder, "stripe.sqlite"), 5000);
  expect(await refusal(folder)).toMatch(/The data file .*stripe\.sqlite is damaged/);
});

test("secrets that were cut short are not made anew: they are the keys to the data", async () => {
  const folder = copyOfWhole();
  truncateSync(join(folder, "secrets.json"), 40);
  expect(await refusal(folder)).toMatch(/secrets\.json is damaged\. It holds the keys/);
});

test("data of a newer version", async () => {
  const folder = copyOfWhole();
  const db = new DatabaseSync(dbOf(folder));
  const set = db
    .prepare(`UPDATE laurel SET item_json = json_set(item_json, '$.schemaVersion.N', '99') WHERE pk = 'S:META#schema'`)
    .run();
  db.close();
  expect(set.changes).toBe(1);
  expect(await refusal(folder)).toMatch(/written by a newer Laurel \(schema 99, this one knows \d+\)/);
});

test("a folder that may not be written", async () => {
  const folder = copyOfWhole();
  if (isRoot) for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  chmodSync(folder, 0o555);
  try {
    expect(await refusal(folder, isRoot ? { as: somebody } : {})).toMatch(
      /The folder .* cannot be used: this user may not write there\. Set LAUREL_DIR/,
    );
  } finally {
    chmodSync(folder, 0o755);
  }
});

test("a file that may not be written", async () => {
  const folder = copyOfWhole();
  for (const name of readdirSync(folder)) if (isRoot) chownSync(join(folder, name), somebody, somebody);
  if (isRoot) chownSync(folder, somebody, somebody);
  chmodSync(dbOf(folder), 0o444);
  expect(await refusal(folder, isRoot ? { as: somebody } : {})).toMatch(
    /The file .*laurel\.db cannot be used: this user may not write there/,
  );
  expect(statSync(dbOf(folder)).mode & 0o777).toBe(0o444);
});

test("a platform without an engine", async () => {
  const folder = newFolder();
  const preload = join(newFolder(), "elsewhere.cjs");
  writeFileSync(preload, 'Object.defineProperty(process, "arch", { value: "sparc" });');
  const line = await refusal(folder, { preload });
  for (const way of [`${process.platform}-sparc`, "npx dynoxide@1.2.1", "DYNAMODB_ENDPOINT", "npm run engine:aws"])
    expect(line).toContain(way);
});

test("a full disk: at the start one line, and while it runs nothing that was there is lost", async (context) => {
  const disk = newFolder();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], { encoding: "utf8" });
  if (mounted.status !== 0) {
    const why = `A small disk could not be mounted for this test (${(mounted.stderr || String(mounted.error)).trim()}): it needs root.`;
    if (process.env.CI) throw new Error(why);
    return context.skip(why);
  }
  const filler = join(disk, "filler");
  const fill = () => {
    for (let bytes = 1024 * 1024; bytes >= 512; bytes /= 2)
      try {
        for (;;) writeFileSync(filler, Buffer.alloc(bytes, 1), { flag: "a" });
      } catch {
        // Full at this size; the rest is filled with smaller ones.
      }
  };
  try {
    const folder = join(disk, "laurel");
    cpSync(whole, folder, { recursive: true });
    fill();
    expect(await refusal(folder)).toMatch(/The disk of .* is full: 0 MB are free, Laurel needs 20\. Make room/);
    rmSync(filler);

    const program = await startProgram({ folder, port, env: { LAUREL_DEMO: "0" } });
    const { run } = program;
    fill();
    const event = (n: number) => ({
      id: `evt_test_full${n}`,
      object: "event",
      type: "payment_intent.succeeded",
      created: Math.floor(Date.now() / 1000),
      livemode: false,
      // Random, so that it cannot be packed into what is left of a page.
      data: {
        object: { id: `pi_test_full${n}`, object: "payment_intent", note: Math.random().toString(36).repeat(300) },
      },
    });
    // What finds room is taken; the first that does not is told to come again.
    let n = 0;
    const refused = await until(async () => {
      const answer = await sendSigned(run.connections[0]!, event(n));
      if (answer.ok) n++;
      return answer.ok ? undefined : answer;
    }, "a disk that is full");
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(program.child.exitCode).toBeNull();
    rmSync(filler);
    await until(async () => (await sendSigned(run.connections[0]!, event(n))).ok, "a 2xx once there is room");
    expect((await call(run, "/api/health")).status).toBe(200);
    expect(await program.stop()).toBe(0);
    const check = start({ folder, port, command: [node, "packages/local/src/ledger-check.ts"] });
    expect(await check.ended).toMatchObject({ code: 0 });
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
});

test("where a folder cannot be made", async () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  const started = start({ folder: join(file, "laurel"), port, env: { LAUREL_DEMO: "0" } });
  expect((await started.ended).code).toBe(1);
  expect(started.err()).toMatch(/^laurel: The folder .* cannot be used: [^\n]*\n$/);
});
