import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { ApplicationStatus } from "@laurel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { AmbassadorEntity, ambassadorKey, get as getAmbassador } from "../ambassador/index.ts";
import { list as listAudit } from "../audit/index.ts";
import { CodeEntity, newCode } from "../code/index.ts";
import { type Actor, type AppError, sha256 } from "../kernel/index.ts";
import { createStaff, findPersonByEmail } from "../person/index.ts";
import { getItem, getItems, keys, parse, transact } from "../table/index.ts";
import { submit } from "./apply.ops.ts";
import { approve } from "./approve.ops.ts";
import { confirm, tokenOf, withdraw } from "./link.ops.ts";
import { findApplication } from "./load.ts";
import { get } from "./review.ops.ts";
import { claimOf, confirmed, effectsOf, form, refusalOf, visitor, warm } from "./testing.ts";

let world: World;
let manager: Actor;
beforeAll(async () => {
  world = await openWorld();
  await warm(world.ctx());
  manager = world.staff("manager");
});
afterAll(() => world.close());

test("makes application, ambassador, access, code, effects and audit line agree", async () => {
  const { id, email } = await confirmed(world, { name: "Anna Karenina", country: "FR", niche: "Reading" });
  const { ambassador, code } = await approve(world.ctx(manager), id, { note: "A find." });
  expect(ambassador).toEqual({
    id: expect.stringMatching(/^amb_/),
    name: "Anna Karenina",
    status: "active",
    statusReason: null,
    tier: { id: world.program.starterTierId, name: "Starter", rateBp: 1000, position: 1 },
    country: "FR",
    niche: "Reading",
    joinedAt: world.clock.now().toISOString(),
    code: "ANNA15",
  });
  expect(code).toEqual({
    code: "ANNA15",
    state: "activating",
    stateReason: null,
    promotionCodeId: null,
    campaignId: world.program.campaignId,
    campaignName: "Welcome",
    offer: "15% off",
    link: "http://localhost:4747/r/ANNA15",
    primary: true,
    createdAt: world.clock.now().toISOString(),
    endsAt: null,
  });
  expect(await getAmbassador(world.ctx(manager), ambassador.id)).toEqual({
    ...ambassador,
    email,
    mailTrouble: null,
    codes: [code],
  });
  expect(await get(world.ctx(manager), id)).toMatchObject({
    status: "approved",
    ambassadorId: ambassador.id,
    decision: { outcome: "approved", note: "A find.", reason: null, reapply: null },
  });
  const person = (await findPersonByEmail(world.ctx(), email))!;
  expect(person.access).toMatchObject({ ambassadorId: ambassador.id, staffRoles: [], accessVersion: 2 });
  expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "closed" });
  expect(parse(CodeEntity, await getItem(world.table, keys.code("ANNA15")))).toMatchObject({
    ambassadorId: ambassador.id,
    campaignId: world.program.campaignId,
    tierId: world.program.starterTierId,
    ambassadorStatus: "active",
    promotionCodes: {},
    version: 1,
  });
  expect((await effectsOf(world.ctx(), "ANNA15")).map((effect) => effect.kind)).toEqual(["code.sync"]);
  expect((await effectsOf(world.ctx(), id)).map((effect) => effect.kind)).toContain("mail.application_decided");
  expect((await listAudit(world.ctx(manager), { subject: id })).items).toMatchObject([
    {
      action: "application.approved",
      before: { status: "confirmed" },
      after: {
        status: "approved",
        ambassadorId: ambassador.id,
        tierId: world.program.starterTierId,
        campaignId: world.program.campaignId,
        code: "ANNA15",
      },
    },
  ]);
});

test("takes another tier and campaign when asked to, and refuses those that do not exist", async () => {
  const { id } = await confirmed(world, { name: "Bea Beach" });
  const unknownTier = await refusalOf(approve(world.ctx(manager), id, { tierId: world.newId("tier") }));
  expect(unknownTier).toMatchObject({ kind: "invalid", errors: [{ field: "tierId" }] });
  const unknownCampaign = await refusalOf(approve(world.ctx(manager), id, { campaignId: world.newId("campaign") }));
  expect(unknownCampaign).toMatchObject({ kind: "invalid", errors: [{ field: "campaignId" }] });
  expect((await findApplication(world.ctx(), id))?.status).toBe("confirmed");
  const { ambassador } = await approve(world.ctx(manager), id, {
    tierId: world.program.laurelTierId,
    campaignId: world.program.campaignId,
  });
  expect(ambassador.tier.name).toBe("Laurel");
});

test("twenty people of one name, approved at once, get twenty codes", async () => {
  const ids = await Promise.all(
    Array.from({ length: 20 }, async () => (await confirmed(world, { name: "Sam Jones" })).id),
  );
  const approvals = await Promise.all(ids.map((id) => approve(world.ctx(world.staff("manager")), id)));
  const codes = approvals.map(({ code }) => code.code);
  expect(new Set(codes).size).toBe(20);
  for (const code of codes) expect(code).toMatch(/^[A-Z0-9]{3,20}$/);
  const items = await getItems(world.table, codes.map(keys.code));
  expect(items.map((item) => item?.ambassadorId)).toEqual(approvals.map(({ ambassador }) => ambassador.id));
});

test("a code that somebody takes between look-up and writing makes way for the next", async () => {
  const { id } = await confirmed(world, { name: "Racy Runner" });
  const { client } = world.table;
  let stolen = "";
  const thief = {
    ...world.table,
    client: {
      // Just before the approval is written, its code appears.
      send: async (command: { input: { TransactItems?: { Put?: { Item?: Record<string, string> } }[] } }) => {
        const code = command.input.TransactItems?.find((each) => each.Put?.Item?.sk === "CODE")?.Put?.Item?.code;
        if (code && !stolen) {
          stolen = code;
          const ambassadorId = world.newId("ambassador");
          const { campaignId, starterTierId: tierId } = world.program;
          const joinedAt = world.clock.now().toISOString();
          const theirs = newCode(world.ctx(), { code, ambassadorId, campaignId, tierId, joinedAt, primary: true });
          await transact(world.table, theirs.writes);
        }
        return client.send(command as never);
      },
    } as never,
  };
  const { code } = await approve({ ...world.ctx(manager), table: thief }, id);
  expect(stolen).toBe("RACY15");
  expect(code.code).not.toBe("RACY15");
  expect((await getItem(world.table, keys.code(code.code)))?.primary).toBe(true);
});

test("ten marketers who approve at once make one ambassador", async () => {
  const { id, email } = await confirmed(world, { name: "Only Once" });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => approve(world.ctx(world.staff("manager")), id)),
  );
  const won = outcomes.filter((each) => each.status === "fulfilled");
  expect(won).toHaveLength(1);
  for (const each of outcomes)
    if (each.status === "rejected")
      expect(each.reason as AppError).toMatchObject({
        kind: "conflict",
        code: "application.already_decided",
        message: expect.stringContaining("already approved"),
      });
  const access = (await findPersonByEmail(world.ctx(), email))!.access;
  expect(access.ambassadorId).toBe(won[0]!.value.ambassador.id);
  expect((await listAudit(world.ctx(manager), { subject: id })).items).toHaveLength(1);
  expect((await effectsOf(world.ctx(), "ONLY15")).length).toBe(1);
});

test("a member of the team who becomes an ambassador keeps the roles, and older sessions end", async () => {
  const email = "team@example.com";
  const personId = await createStaff(world.ctx(), { email, name: "Tess Team", roles: ["finance"] });
  const { id } = await confirmed(world, { email, name: "Tess Team" });
  const { ambassador } = await approve(world.ctx(manager), id);
  expect((await findPersonByEmail(world.ctx(), email))?.access).toEqual({
    personId,
    staffRoles: ["finance"],
    ambassadorId: ambassador.id,
    accessVersion: 2,
  });
});

test("who is or was an ambassador is not made one again", async () => {
  const { id, email } = await confirmed(world);
  const second = await confirmed(world);
  const person = (await findPersonByEmail(world.ctx(), email))!;
  await approve(world.ctx(manager), id);
  // The address of an application may have been an ambassador's in another way than by applying here.
  const application = (await findApplication(world.ctx(), second.id))!;
  await world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: { pk: `APP#${application.id}`, sk: "APPLICATION" },
      UpdateExpression: "SET personId = :person",
      ExpressionAttributeValues: { ":person": person.profile.personId },
    }),
  );
  expect(await refusalOf(approve(world.ctx(manager), second.id))).toMatchObject({
    kind: "conflict",
    code: "application.already_ambassador",
  });
});

test("an approval and a withdrawal at once never both hold", async () => {
  for (let round = 0; round < 5; round++) {
    const { id, token, email } = await confirmed(world);
    await Promise.allSettled([approve(world.ctx(manager), id), withdraw(world.ctx(visitor()), token)]);
    const { status, ambassadorId } = (await findApplication(world.ctx(), id))!;
    expect(["approved", "withdrawn"] satisfies ApplicationStatus[]).toContain(status);
    expect(Boolean(ambassadorId)).toBe(status === "approved");
    expect(Boolean((await findPersonByEmail(world.ctx(), email))?.access.ambassadorId)).toBe(status === "approved");
  }
});

test("the same Idempotency-Key gives the same answer and approves once", async () => {
  const { id } = await confirmed(world, { name: "Ida Potent" });
  const ctx = () => world.ctx(manager, { idempotency: { key: sha256(`approve ${id}`), bodyHash: sha256("{}") } });
  const first = await approve(ctx(), id);
  expect(await approve(ctx(), id)).toEqual(first);
  const ambassador = parse(AmbassadorEntity, await getItem(world.table, ambassadorKey(first.ambassador.id)));
  expect(ambassador?.version).toBe(1);
});

test("a system's approval needs no person behind it", async () => {
  const input = form({ name: "Seed Ling" });
  await submit(world.ctx(), input);
  const { applicationId } = (await claimOf(world.ctx(), input.email))!;
  await confirm(world.ctx(), tokenOf(world.ctx(), applicationId));
  await approve(world.ctx({ kind: "system", name: "seed" }), applicationId);
  expect((await get(world.ctx(manager), applicationId)).decision).toMatchObject({
    decidedBy: "seed",
    decidedByName: null,
  });
});

test.each([["Нина"], ["山田太郎"], ["🎉🎉"], ["O'Neil-Smith Jr."], ["x".repeat(80)], ["..."]])(
  "a name such as %s gets a readable code",
  async (name) => {
    const { id } = await confirmed(world, { name });
    const { code } = await approve(world.ctx(manager), id);
    expect(code.code).toMatch(/^[A-Z0-9]{3,20}$/);
  },
);
