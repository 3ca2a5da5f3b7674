import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { findPerson, replaceAccess } from "@laurel/core/person";
import { transact } from "@laurel/core/table";
import { afterAll, beforeEach, expect, test } from "vitest";
import { signedIn } from "../../../../functions/api/testing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { endSession, openSession, readSession, sessionCookie } from "./index.ts";

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await openWorld();
});
afterAll(() => world.close());

const minute = 60_000;
const hour = 60 * minute;

test("a session speaks for its person, with the roles of now", async () => {
  const ada = await signedIn(world, ["manager", "ambassador"]);
  expect(await readSession(world.ctx(), ada.session)).toEqual({
    kind: "person",
    personId: ada.personId,
    roles: ["manager", "ambassador"],
    ambassadorId: ada.ambassadorId,
    network: "unknown",
  });
});

test("it ends after 12 hours unused, and use keeps it alive", async () => {
  const { session } = await signedIn(world, ["owner"]);
  world.clock.advance(12 * hour - 1);
  expect(await readSession(world.ctx(), session)).toBeDefined();
  world.clock.advance(12 * hour - 1);
  expect(await readSession(world.ctx(), session)).toBeDefined();
  world.clock.advance(12 * hour);
  expect(await readSession(world.ctx(), session)).toBeUndefined();
});

test("it ends after 30 days however much it is used", async () => {
  const { session } = await signedIn(world, ["owner"]);
  for (let half = 0; half < 59; half++) {
    world.clock.advance(12 * hour - 1);
    expect(await readSession(world.ctx(), session)).toBeDefined();
  }
  world.clock.advance(12 * hour - 1);
  expect(await readSession(world.ctx(), session)).toBeDefined();
  world.clock.advance(60);
  expect(await readSession(world.ctx(), session)).toBeUndefined();
});

test("its last sight is written at most every 10 minutes, by one of many requests", async () => {
  const { session } = await signedIn(world, ["owner"]);
  let writes = 0;
  const send = world.table.client.send.bind(world.table.client);
  world.table.client.send = ((command: { constructor: { name: string } }) => {
    if (command.constructor.name === "UpdateCommand") writes++;
    return send(command as never);
  }) as typeof send;
  world.clock.advance(10 * minute - 1);
  await readSession(world.ctx(), session);
  expect(writes).toBe(0);
  world.clock.advance(1);
  await readSession(world.ctx(), session);
  await readSession(world.ctx(), session);
  expect(writes).toBe(1);
});

test("a last sight that cannot be written fails nobody, and brings no ended session back", async () => {
  const { session } = await signedIn(world, ["owner"]);
  const send = world.table.client.send.bind(world.table.client);
  world.table.client.send = (async (command: { constructor: { name: string } }) => {
    if (command.constructor.name === "UpdateCommand") {
      await endSession(world.ctx(), session);
      return send(command as never);
    }
    return send(command as never);
  }) as typeof send;
  world.clock.advance(hour);
  expect(await readSession(world.ctx(), session)).toBeDefined();
  expect(await readSession(world.ctx(), session)).toBeUndefined();
});

test("a change of rights ends every session at once, signing out only its own", async () => {
  const ada = await signedIn(world, ["owner"]);
  const other = openSession(world.ctx(), ada.personId, 1);
  await transact(world.table, other.writes);
  await endSession(world.ctx(), ada.session);
  expect(await readSession(world.ctx(), ada.session)).toBeUndefined();
  expect(await readSession(world.ctx(), other.cookie)).toBeDefined();
  const person = await findPerson(world.table, ada.personId);
  await transact(world.table, [replaceAccess(world.ctx(), person!.access, { staffRoles: ["viewer"] })]);
  expect(await readSession(world.ctx(), other.cookie)).toBeUndefined();
});

test("what is not a session's cookie speaks for nobody", async () => {
  const ada = await signedIn(world, ["owner"]);
  const eve = await signedIn(world, ["ambassador"]);
  const secret = eve.session.split(".")[1];
  for (const forged of [
    "",
    "x",
    ada.personId,
    `${ada.personId}.${secret}`,
    `${ada.session}x`,
    `${ada.personId}.${"A".repeat(43)}`,
    `per_#.${"A".repeat(43)}`,
    `${"a".repeat(5000)}.${"A".repeat(43)}`,
  ])
    expect(await readSession(world.ctx(), forged)).toBeUndefined();
});

test("the secret is not stored", async () => {
  const ada = await signedIn(world, ["owner"]);
  const { Items } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  expect(JSON.stringify(Items)).not.toContain(ada.session.split(".")[1]);
});

test("the cookie is bound to its host over https, and to its port on plain http", () => {
  expect(sessionCookie("https://ambassadors.example.com")).toEqual({ name: "__Host-laurel", secure: true });
  expect(sessionCookie("http://localhost:4747")).toEqual({ name: "laurel_4747", secure: false });
  expect(sessionCookie("http://localhost")).toEqual({ name: "laurel_80", secure: false });
});
