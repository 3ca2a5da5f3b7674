import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { list as listAudit } from "../audit/index.ts";
import { emailKey } from "../kernel/index.ts";
import { transact } from "../table/index.ts";
import { AccessEntity, rolesOfAccess } from "./access.entity.ts";
import { AnswersEntity } from "./answers.entity.ts";
import { EmailEntity } from "./email.entity.ts";
import { personKeys } from "./keys.ts";
import { createStaff, findPerson, findPersonByEmail, grantRoles, namesOf, teamWith } from "./person.ops.ts";
import { newPerson, replaceProfile } from "./person.ts";
import { ProfileEntity } from "./profile.entity.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("hand-written keys are the entities'", () => {
  const at = { table: "t" };
  expect(ProfileEntity.get({ personId: "per_1" }).params(at).Key).toEqual(personKeys.profile("per_1"));
  expect(AccessEntity.get({ personId: "per_1" }).params(at).Key).toEqual(personKeys.access("per_1"));
  expect(EmailEntity.get({ emailKey: "k1.aB" }).params(at).Key).toEqual(personKeys.email("k1.aB"));
  expect(AnswersEntity.get({ personId: "per_1", applicationId: "app_1" }).params(at).Key).toEqual(
    personKeys.answers("per_1", "app_1"),
  );
});

test("a member of the team is found by the address in any writing", async () => {
  const id = await createStaff(world.ctx(), { email: "Olga.Owner@example.com", name: "Olga Owner", roles: ["owner"] });
  const person = await findPersonByEmail(world.ctx(), "  olga.owner@EXAMPLE.com ");
  expect(person).toMatchObject({
    profile: { personId: id, name: "Olga Owner", email: "Olga.Owner@example.com", marketingConsent: false },
    access: { staffRoles: ["owner"], accessVersion: 1 },
  });
  expect(await findPerson(world.table, id)).toEqual(person);
  expect(await findPersonByEmail(world.ctx(), "olgaowner@example.com")).toBeUndefined();
});

test("the team is listed by role, whether a role came first or later, and nobody else is in it", async () => {
  const other = await openWorld();
  try {
    const ctx = other.ctx();
    const olga = await createStaff(ctx, { email: "o@example.com", name: "Olga", roles: ["owner"] });
    const fin = await createStaff(ctx, { email: "f@example.com", name: "Fin", roles: ["finance"] });
    const email = "applicant@example.com";
    const personId = other.newId("person");
    await transact(
      other.table,
      newPerson(ctx, { personId, name: "Al", email, emailKey: emailKey(ctx.keys, email), country: "DE" }),
    );
    expect((await teamWith(other.table, "owner")).map((each) => each.personId)).toEqual([olga]);
    expect(await teamWith(other.table, "manager")).toEqual([]);
    await grantRoles(ctx, fin, ["owner"]);
    await grantRoles(ctx, personId, ["manager"]);
    expect((await teamWith(other.table, "owner")).map((each) => each.personId).sort()).toEqual([olga, fin].sort());
    expect((await teamWith(other.table, "manager")).map((each) => each.personId)).toEqual([personId]);
  } finally {
    await other.close();
  }
});

test("making somebody twice adds the roles that are missing and ends older sessions", async () => {
  const who = { email: "fin@example.com", name: "Fin" };
  const id = await createStaff(world.ctx(), { ...who, roles: ["finance"] });
  expect(await createStaff(world.ctx(), { ...who, roles: ["finance"] })).toBe(id);
  expect((await findPerson(world.table, id))?.access.accessVersion).toBe(1);
  world.clock.advance(1000);
  expect(await createStaff(world.ctx(), { ...who, roles: ["viewer", "finance"] })).toBe(id);
  const { access } = (await findPerson(world.table, id))!;
  expect(access).toMatchObject({ staffRoles: ["finance", "viewer"], accessVersion: 2 });
  expect(rolesOfAccess({ ...access, ambassadorId: "amb_1" })).toEqual(["finance", "viewer", "ambassador"]);
  const { items } = await listAudit(world.ctx(), { subject: id });
  expect(items).toMatchObject([
    {
      action: "person.roles_granted",
      before: { staffRoles: ["finance"] },
      after: { staffRoles: ["finance", "viewer"] },
    },
    { action: "person.roles_granted", before: null, after: { staffRoles: ["finance"] } },
  ]);
  expect(JSON.stringify(items)).not.toContain("example.com");
});

test("twenty at once of one address are one person", async () => {
  // Open connections first, or the first call is over before the others have one.
  await Promise.all(Array.from({ length: 20 }, () => findPersonByEmail(world.ctx(), "nobody@example.com")));
  const ids = await Promise.all(
    Array.from({ length: 20 }, () =>
      createStaff(world.ctx(), { email: "many@example.com", name: "Many", roles: ["manager"] }),
    ),
  );
  expect(new Set(ids).size).toBe(1);
});

test("roles that are granted at once are all kept", async () => {
  const id = await createStaff(world.ctx(), { email: "all@example.com", name: "All", roles: [] });
  await Promise.all((["owner", "manager", "finance"] as const).map((role) => grantRoles(world.ctx(), id, [role])));
  const { access } = (await findPerson(world.table, id))!;
  expect([...access.staffRoles].sort()).toEqual(["finance", "manager", "owner"]);
  expect(access.accessVersion).toBe(4);
});

test("a name that nobody confirmed gives way to the team's; a confirmed one stays", async () => {
  const claimed = async (email: string, emailConfirmedAt?: string) => {
    const personId = world.newId("person");
    const key = emailKey(world.ctx().keys, email);
    await transact(world.table, newPerson(world.ctx(), { personId, name: "Typed By Anyone", email, emailKey: key }));
    const { profile } = (await findPerson(world.table, personId))!;
    if (emailConfirmedAt) await transact(world.table, [replaceProfile(world.ctx(), profile, { emailConfirmedAt })]);
    await createStaff(world.ctx(), { email, name: "Given By Owner", roles: ["viewer"] });
    return (await findPerson(world.table, personId))!.profile.name;
  };
  expect(await claimed("open@example.com")).toBe("Given By Owner");
  expect(await claimed("sure@example.com", world.clock.now().toISOString())).toBe("Typed By Anyone");
});

test("a profile is replaced on the version that was read", async () => {
  const id = await createStaff(world.ctx(), { email: "versions@example.com", name: "V", roles: ["viewer"] });
  const { profile } = (await findPerson(world.table, id))!;
  expect(await transact(world.table, [replaceProfile(world.ctx(), profile, { name: "First" })])).toEqual({ ok: true });
  expect(await transact(world.table, [replaceProfile(world.ctx(), profile, { name: "Second" })])).toMatchObject({
    ok: false,
  });
  expect((await findPerson(world.table, id))?.profile.name).toBe("First");
});

test("names are found for whom there are any", async () => {
  const id = await createStaff(world.ctx(), { email: "named@example.com", name: "Named", roles: ["viewer"] });
  const names = await namesOf(world.table, [id, id, undefined, "seed", world.newId("person")]);
  expect([...names]).toEqual([[id, "Named"]]);
});

test("only the program itself hands out roles", async () => {
  const ctx = world.ctx(world.staff("owner"));
  await expect(createStaff(ctx, { email: "x@example.com", name: "X", roles: ["owner"] })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await expect(grantRoles(ctx, world.newId("person"), ["owner"])).rejects.toMatchObject({ kind: "forbidden" });
  await expect(grantRoles(world.ctx(), world.newId("person"), ["owner"])).rejects.toMatchObject({ kind: "not_found" });
});
