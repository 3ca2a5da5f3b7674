import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { ambassador } from "../../../local/testing/checkout.ts";
import type { Death } from "../../../local/testing/crashing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { openMachine } from "../../../local/testing/machine.ts";
import { scan } from "../../../local/testing/scan.ts";
import { findCode, promotionCodesOf } from "../code/index.ts";
import type { AppError, Context } from "../kernel/index.ts";
import { createStaff } from "../person/index.ts";
import { connect, disconnect, list, renewWebhook } from "./index.ts";

const timeout = 600_000;

/** Connects, renews and leaves, on a machine whose first process may die, and looks at each stage whether all is right. */
async function live(deaths: Death[]): Promise<{ points: string[]; died: boolean }> {
  const world = await openWorld();
  try {
    const { code } = await ambassador(world, "Ada Lovelace");
    const personId = await createStaff(world.ctx(), { email: "o@example.com", name: "Olga", roles: ["owner"] });
    const actor = { ...world.staff("owner"), personId };
    const machine = await openMachine(world, deaths);
    /** Asks again where no answer came, with the same key; and later, where a dead process holds a lease. */
    const ask = async <T>(key: string, work: (ctx: Context) => Promise<T>): Promise<T> => {
      const once = (runtime: World["runtime"]) =>
        work(runtime.context(actor, { idempotency: { key, bodyHash: key } })).catch(async (error: AppError) => {
          if (error.code !== "connection.busy") throw error;
          await endLease(world);
          return undefined;
        });
      for (;;) {
        const answer = await machine.insist(once, "when all is quiet");
        if (answer !== undefined) return answer;
      }
    };
    const input = { provider: "stripe", apiKey: "rk_test_shop1" } as const;

    const { id } = await ask("connect", (ctx) => connect(ctx, input));
    await machine.quiet();
    const first = await secretIn(world, id);
    expect(promotionCodesOf((await findCode(world.ctx(), code))!)[id]).toBeDefined();

    await ask("renew", (ctx) => renewWebhook(ctx, id));
    await machine.quiet();
    expect(await secretIn(world, id)).not.toBe(first);

    await ask("leave", (ctx) => disconnect(ctx, id));
    await machine.quiet();
    expect(world.stripe.webhooks.size).toBe(0);
    expect(keptIn(world)).toEqual([]);
    machine.close();
    const [process] = machine.processes;
    return { points: process!.points, died: process!.dead() };
  } finally {
    await world.close();
  }
}

/** As if time had passed until the lease had run out. */
async function endLease(world: World): Promise<void> {
  const items = await scan(world);
  for (const { pk, sk, leaseUntilMs } of items)
    if (pk === "PROGRAM" && leaseUntilMs !== undefined)
      await world.table.client.send(
        new UpdateCommand({
          TableName: world.table.name,
          Key: { pk, sk },
          UpdateExpression: "SET leaseUntilMs = :past",
          ExpressionAttributeValues: { ":past": 1 },
        }),
      );
}

/** The connections that secrets are kept for, beside the one that the world has from the beginning. */
const keptIn = (world: World) => [
  ...(world.ctx().gateways.secrets as unknown as { kept: Map<string, unknown> }).kept.keys(),
];

/** One webhook, one connection, and between them the same secret. */
async function secretIn(world: World, id: string): Promise<string> {
  const { items } = await list(world.ctx());
  expect(items.filter((each) => each.accountId === "acct_shop1")).toMatchObject([
    { id, state: "active", problem: null },
  ]);
  const webhooks = [...world.stripe.webhooks.values()];
  expect(webhooks).toMatchObject([{ connectionId: id }]);
  expect(keptIn(world)).toEqual([id]);
  const kept = await world.ctx().gateways.secrets.latestOfConnection(id);
  expect(kept).toMatchObject({ apiKey: "rk_test_shop1" });
  expect(kept!.webhookSecrets[0]).toBe(webhooks[0]!.secret);
  return webhooks[0]!.secret;
}

test(
  "a process that dies at any point leaves no second webhook, no secret without its connection, and a connection that works",
  async () => {
    const whole = await live([]);
    // Dead before a point is dead after the one before it: nothing is done outside in between.
    const everywhere = whole.points.map((of, n): Death => {
      const at = whole.points.slice(0, n + 1).filter((each) => each === of).length;
      return { at, of, when: n === 0 ? "before" : "after" };
    });
    const next = everywhere.values();
    const worker = async () => {
      for (const death of next) {
        const where = `${death.when} ${death.of} (${death.at})`;
        const life = await live([death]).catch((error: unknown) => {
          throw new Error(`Died ${where}: ${(error as Error).message}`, { cause: error });
        });
        expect(life.died, where).toBe(true);
      }
    };
    await Promise.all([1, 2, 3, 4].map(worker));
    expect(whole.points.filter((point) => point.startsWith("secrets"))).not.toEqual([]);
  },
  timeout,
);
