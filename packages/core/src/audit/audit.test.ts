import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import type { Actor } from "../kernel/index.ts";
import { createStaff } from "../person/index.ts";
import { transact } from "../table/index.ts";
import { list, recordAudit } from "./audit.ops.ts";

let world: World;
let owner: Actor;
beforeAll(async () => {
  world = await openWorld();
  const personId = await createStaff(world.ctx(), { email: "o@example.com", name: "Olga", roles: ["owner"] });
  owner = { kind: "person", personId, roles: ["owner"], ambassadorId: null, network: "unknown" };
});
afterAll(() => world.close());

const month = 31 * 24 * 3600 * 1000;
const record = (subject: string, actor: Actor = owner, action = "thing.changed") =>
  transact(world.table, [recordAudit(world.ctx(actor), { action, subject, before: { a: 1 }, after: { a: 2 } })]);

test("tells who did what to a thing, newest first", async () => {
  await record("thing_1");
  world.clock.advance(1000);
  await record("thing_1", { kind: "system", name: "sweep" }, "thing.swept");
  await record("thing_2", { kind: "public", network: "192.0.2.1" });
  const { items, cursor } = await list(world.ctx(owner), { subject: "thing_1" });
  expect(cursor).toBeNull();
  expect(items).toMatchObject([
    { action: "thing.swept", actor: { kind: "system", id: "sweep", name: null } },
    { action: "thing.changed", actor: { kind: "person", name: "Olga" }, before: { a: 1 }, after: { a: 2 }, note: null },
  ]);
  const [open] = (await list(world.ctx(owner), { subject: "thing_2" })).items;
  expect(open?.actor).toEqual({ kind: "public", id: null, name: null });
  expect(JSON.stringify(open)).not.toContain("192.0.2.1");
});

test("runs over the months in pages, back to the day the program was set up", async () => {
  const other = await openWorld({ now: "2025-01-15T10:00:00.000Z" });
  try {
    const put = (subject: string) =>
      transact(other.table, [recordAudit(other.ctx(), { action: "thing.changed", subject })]);
    const expected = ["program"];
    for (let at = 0; at < 70; at++) {
      other.clock.advance(month / 5);
      await put(`thing_${at}`);
      expected.unshift(`thing_${at}`);
    }
    other.clock.advance(6 * month);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(other.ctx(other.staff("finance")), { cursor });
      expect(page.items.length).toBeLessThanOrEqual(25);
      seen.push(...page.items.map((line) => line.subject));
      cursor = page.cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(expected);
  } finally {
    await other.close();
  }
});

test("is for owner, manager and finance", async () => {
  for (const role of ["owner", "manager", "finance"] as const)
    expect((await list(world.ctx(world.staff(role)), {})).items.length).toBeGreaterThan(0);
  await expect(list(world.ctx(world.staff("viewer")), {})).rejects.toMatchObject({ kind: "forbidden" });
  await expect(list(world.ctx({ kind: "public", network: "x" }), {})).rejects.toMatchObject({
    kind: "unauthenticated",
  });
  await expect(list(world.ctx(owner), { cursor: "rubbish" })).rejects.toMatchObject({ kind: "invalid" });
});
