import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runningEngine, stopEngine } from "@laurel/local/src/engine/keeper.ts";
import { isAlive } from "@laurel/local/src/engine/process.ts";
import { afterAll, expect, inject, test } from "vitest";
import { call, sendSigned, signInAs } from "./api.ts";
import { balances, decided, deliveriesOf, rolledUp, send, tableOf, together } from "./deliveries.ts";
import { node, type Program, start, startProgram, until } from "./program.ts";

/* What a person sees when processes die: everything comes back by itself, and nothing that was acknowledged is lost. */

/** LAUREL_KILL_DELIVERIES=2000 npm run test:e2e -- crash is the long run. */
const count = Number(process.env.LAUREL_KILL_DELIVERIES ?? 300);
const settleWithinMs = 60_000;

const { folder: seededFolder, port } = inject("seeded");
const folders: string[] = [];
const programs = new Set<Program>();
afterAll(async () => {
  for (const program of programs) program.child.kill("SIGKILL");
  for (const folder of folders) {
    await stopEngine(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

function copyOfDemo(): string {
  const folder = mkdtempSync(join(tmpdir(), "laurel-e2e-crash-"));
  folders.push(folder);
  cpSync(seededFolder, folder, { recursive: true });
  return folder;
}
async function up(folder: string): Promise<Program> {
  const program = await startProgram({ folder, port });
  programs.add(program);
  return program;
}
async function down(program: Program): Promise<void> {
  programs.delete(program);
  expect(await program.stop()).toBe(0);
}
async function killed(program: Program): Promise<void> {
  programs.delete(program);
  program.child.kill("SIGKILL");
  await program.ended;
}
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

test.each([
  ["the Node process alone", { engineToo: false }],
  ["the Node process and the engine", { engineToo: true }],
])(
  `kill -9 of %s in the middle of ${count} deliveries loses nothing and counts nothing twice`,
  async (what, { engineToo }) => {
    const folder = copyOfDemo();
    const first = await up(folder);
    const engine = runningEngine(folder)!;
    const manager = await signInAs(first.run, "manager");
    const table = tableOf(first.run);
    const before = await balances(manager);
    const deliveries = await deliveriesOf(manager, table, count);
    table.client.destroy();

    const acknowledged = () => deliveries.all.filter((each) => each.acknowledged);
    let dead: Promise<void> | undefined;
    await send(first.run, deliveries.all, {
      stop: () => {
        if (!dead && acknowledged().length >= count / 2) {
          if (engineToo) process.kill(engine.pid, "SIGKILL");
          dead = killed(first);
        }
        return dead !== undefined;
      },
    });
    await dead;
    await until(() => !engineToo || !isAlive(engine.pid), "the end of the engine");
    expect(isAlive(engine.pid)).toBe(!engineToo);
    const promised = acknowledged();
    expect(promised.length).toBeGreaterThanOrEqual(count / 2);
    expect(promised.length).toBeLessThan(count);

    const killedAt = performance.now();
    const second = await up(folder);
    const upAt = performance.now();
    expect(runningEngine(folder)!.pid === engine.pid).toBe(!engineToo);
    const after = tableOf(second.run);
    try {
      // The sender tries again what it has no 2xx for, and nothing else.
      await until(async () => {
        await send(second.run, deliveries.all);
        return acknowledged().length === count;
      }, "a 2xx for every delivery");
      await until(async () => (await decided(second.run, after, promised)) === promised.length, "what was promised", {
        patienceMs: settleWithinMs,
        everyMs: 250,
      });
      const settledAt = performance.now();
      expect(settledAt - upAt).toBeLessThan(settleWithinMs);
      await until(async () => (await decided(second.run, after, deliveries.all)) === count, "all of them", {
        patienceMs: settleWithinMs,
        everyMs: 250,
      });
      await until(
        async () => {
          const { rollups, accounts } = await rolledUp(after);
          return JSON.stringify(rollups) === JSON.stringify(accounts);
        },
        "rollups that agree with the accounts",
        { patienceMs: settleWithinMs, everyMs: 500 },
      );

      const again = await signInAs(second.run, "manager");
      expect(together(await balances(again))).toEqual(together(before, deliveries.expected));
      // Sales that look odd are still being held beside it, and the check would see such a movement by halves.
      await until(
        async () => {
          const check = start({ folder, port, command: [node, "packages/local/src/ledger-check.ts"] });
          return (await check.ended).code === 0 && check.out().includes("The ledger is balanced");
        },
        "a ledger that is balanced",
        { patienceMs: 3 * settleWithinMs, everyMs: 1000 },
      );
      console.info(
        `kill -9 of ${what}: ${count} deliveries (${deliveries.sales} sales), ${promised.length} acknowledged before it, ${count - promised.length} sent again; healthy after ${seconds(upAt - killedAt)}, everything acknowledged settled ${seconds(settledAt - upAt)} later`,
      );
    } finally {
      after.client.destroy();
    }
    await down(second);
  },
  600_000,
);

test("an engine that dies alone is answered with 503 and started again, and nothing is lost", async () => {
  const folder = copyOfDemo();
  const program = await up(folder);
  const { run } = program;
  const engine = runningEngine(folder)!;
  const manager = await signInAs(run, "manager");
  const table = tableOf(run);
  const before = await balances(manager);
  const { all, expected } = await deliveriesOf(manager, table, 20);
  await send(run, all.slice(0, 10));

  // Somebody else sits on its port for a while, so that it cannot come back before everybody has seen that it is gone.
  process.kill(engine.pid, "SIGKILL");
  const squatter = await listenOn(engine.port);
  const answer = await until(async () => {
    const health = await call(run, "/api/health");
    return health.status === 503 && health;
  }, "a 503");
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  const refused = await sendSigned(run.connections[0]!, all[10]!.event);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  await close(squatter);

  await until(async () => (await call(run, "/api/health")).status === 200, "a healthy program");
  await until(() => program.err().includes("The DynamoDB engine is up again"), "word of its return");
  expect(program.child.exitCode).toBeNull();
  expect(runningEngine(folder)).toMatchObject({ port: engine.port });
  expect(runningEngine(folder)!.pid).not.toBe(engine.pid);
  expect(program.err()).toContain("The DynamoDB engine ended; it is started again");
  await until(async () => {
    await send(run, all);
    return all.every((each) => each.acknowledged);
  }, "a 2xx for every delivery");
  await until(async () => (await decided(run, table, all)) === all.length, "all of them");
  expect(together(await balances(manager))).toEqual(together(before, expected));
  await until(async () => {
    const { rollups, accounts } = await rolledUp(table);
    return JSON.stringify(rollups) === JSON.stringify(accounts);
  }, "rollups that agree with the accounts");
  table.client.destroy();
  await down(program);
});

async function listenOn(port: number): Promise<Server> {
  const server = createServer((_, outgoing) => outgoing.writeHead(500).end());
  await until(
    () =>
      new Promise<boolean>((done) => {
        server.once("error", () => done(false));
        server.listen(port, "127.0.0.1", () => done(true));
      }),
    "the engine's port",
    { everyMs: 5 },
  );
  return server;
}

const close = (server: Server): Promise<unknown> => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
};
