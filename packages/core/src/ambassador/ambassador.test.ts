import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { approve } from "../application/index.ts";
import { confirmed, refusalOf, visitor } from "../application/testing.ts";
import { list as listCampaigns } from "../campaign/index.ts";
import { listOwn, newCode } from "../code/index.ts";
import type { Actor } from "../kernel/index.ts";
import { transact } from "../table/index.ts";
import { list as listTiers } from "../tier/index.ts";
import { ambassadorOf, get, list } from "./ambassador.ops.ts";

let world: World;
let viewer: Actor;
beforeAll(async () => {
  world = await openWorld();
  viewer = world.staff("viewer");
});
afterAll(() => world.close());

const join = async (name: string) => {
  const { id } = await confirmed(world, { name });
  world.clock.advance(1000);
  return (await approve(world.ctx(world.staff("manager")), id)).ambassador;
};
const asAmbassador = (ambassadorId: string): Actor => ({
  kind: "person",
  personId: world.newId("person"),
  roles: ["ambassador"],
  ambassadorId: ambassadorId as never,
  network: "unknown",
});

test("lists the ambassadors of a status, newest first, in pages", async () => {
  const ids: string[] = [];
  for (let at = 0; at < 27; at++) ids.unshift((await join(`Person ${"abcdefghijklmnopqrstuvwxyz{".charAt(at)}`)).id);
  const first = await list(world.ctx(viewer), { status: "active" });
  expect(first.items.map((each) => each.id)).toEqual(ids.slice(0, 25));
  const rest = await list(world.ctx(viewer), { status: "active", cursor: first.cursor! });
  expect(rest.items.map((each) => each.id)).toEqual(ids.slice(25));
  expect(rest.cursor).toBeNull();
  expect((await list(world.ctx(viewer), { status: "banned" })).items).toEqual([]);
});

test("one ambassador has the address and all codes, the primary one first", async () => {
  const ambassador = await join("Cora Codes");
  const { campaignId, starterTierId: tierId } = world.program;
  const more = newCode(world.ctx(), {
    code: "CORAEXTRA",
    ambassadorId: ambassador.id,
    campaignId,
    tierId,
    joinedAt: ambassador.joinedAt,
    primary: false,
  });
  await transact(world.table, more.writes);
  const detail = await get(world.ctx(viewer), ambassador.id);
  expect(detail).toMatchObject({ ...ambassador, email: expect.stringContaining("@example.com") });
  expect(detail.codes.map((code) => [code.code, code.primary])).toEqual([
    ["CORA15", true],
    ["CORAEXTRA", false],
  ]);
  expect(await ambassadorOf(world.ctx(), ambassador.id)).toEqual({ ...ambassador, mayChooseCode: true });
  const own = await listOwn(world.ctx(asAmbassador(ambassador.id)));
  expect(own).toEqual({ items: detail.codes, cursor: null });
});

test("an ambassador sees their own codes and nobody else's", async () => {
  const [one, two] = [await join("Una One"), await join("Duo Two")];
  const codes = async (id: string) => (await listOwn(world.ctx(asAmbassador(id)))).items.map((code) => code.code);
  expect(await codes(one.id)).toEqual([one.code]);
  expect(await codes(two.id)).toEqual([two.code]);
  const cursor = Buffer.from(JSON.stringify([`AMBCODES#${two.id}`, null])).toString("base64url");
  expect(await refusalOf(listOwn(world.ctx(asAmbassador(one.id)), { cursor }))).toMatchObject({
    kind: "invalid",
    errors: [{ field: "cursor" }],
  });
});

test("is for staff; a missing one is not found", async () => {
  const { id } = await join("Rita Rights");
  for (const read of [
    (actor: Actor) => list(world.ctx(actor), { status: "active" }),
    (actor: Actor) => get(world.ctx(actor), id),
    (actor: Actor) => listTiers(world.ctx(actor)),
    (actor: Actor) => listCampaigns(world.ctx(actor)),
  ]) {
    await read(viewer);
    expect(await refusalOf(read(visitor()))).toMatchObject({ kind: "unauthenticated" });
    expect(await refusalOf(read(asAmbassador(id)))).toMatchObject({ kind: "forbidden" });
  }
  expect(await refusalOf(listOwn(world.ctx(viewer)))).toMatchObject({ kind: "forbidden" });
  expect(await refusalOf(listOwn(world.ctx(visitor())))).toMatchObject({ kind: "unauthenticated" });
  expect(await refusalOf(get(world.ctx(viewer), world.newId("ambassador")))).toMatchObject({ kind: "not_found" });
});

test("tiers come from the lowest step up, campaigns with the default one first", async () => {
  expect((await listTiers(world.ctx(viewer))).items.map((tier) => tier.name)).toEqual(["Starter", "Laurel"]);
  const [campaign] = world.program.campaigns;
  const more = [
    { ...campaign!, id: world.newId("campaign"), name: "Aaa", isDefault: false },
    { ...campaign!, id: world.newId("campaign"), name: "Zzz", isDefault: true },
    { ...campaign!, id: world.newId("campaign"), name: "Bbb", isDefault: false },
  ];
  const ctx = { ...world.ctx(viewer), program: async () => ({ ...world.program, campaigns: more }) };
  expect((await listCampaigns(ctx)).items.map((each) => each.name)).toEqual(["Zzz", "Aaa", "Bbb"]);
  expect((await listCampaigns(world.ctx(viewer))).items[0]).toMatchObject({ offer: "15% off", percentOff: 15 });
});
