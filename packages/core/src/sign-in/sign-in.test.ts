import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { AppError, emailKey } from "@laurel/core/kernel";
import { findPerson, replaceAccess } from "@laurel/core/person";
import { readSession } from "@laurel/core/session";
import { transact } from "@laurel/core/table";
import { afterAll, beforeEach, expect, test } from "vitest";
import { type Caller, signedIn } from "../../../../functions/api/testing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { mintSignIn, prepareSignInMail, start, type VerifyInput, verify } from "./index.ts";

let world: World;
let ada: Caller;
beforeEach(async () => {
  await world?.close();
  world = await openWorld();
  ada = await signedIn(world, ["ambassador"], "Ada@Example.com");
});
afterAll(() => world.close());

const minute = 60_000;
const from = (network: string) => world.ctx({ kind: "public", network });
let networks = 0;
/** A network of its own each time, so that its limit stays out of the way. */
const elsewhere = () => from(`198.51.100.${networks++ % 250}-${networks}`);

async function outcome(input: VerifyInput, ctx = elsewhere()): Promise<string> {
  try {
    await verify(ctx, input);
    return "signed in";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.kind} ${error.code} ${error.message}`;
  }
}
const refused = "unauthenticated auth.invalid This link or code is not valid any more. Ask for a new one.";
const other = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, "0");

async function stored(prefix: string) {
  const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  return Items.filter((item) => String(item.pk).startsWith(prefix) || String(item.sk).startsWith(prefix));
}

test("a token signs in once, also when 20 use it at the same time", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  const before = (await stored("SESSION#")).length;
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome({ token })));
  expect(outcomes.filter((each) => each === "signed in")).toHaveLength(1);
  expect(outcomes.filter((each) => each === refused)).toHaveLength(19);
  expect(await stored("SESSION#")).toHaveLength(before + 1);
  expect(await outcome({ token })).toBe(refused);
});

test("the code signs in too, whatever the case of the address, and uses the link up", async () => {
  const { token, code } = await mintSignIn(world.ctx(), ada.personId);
  const { cookie, actor } = await verify(elsewhere(), { email: " ADA@example.COM ", code });
  expect(actor).toMatchObject({ personId: ada.personId, roles: ["ambassador"], ambassadorId: ada.ambassadorId });
  expect(await readSession(world.ctx(), cookie)).toMatchObject({ personId: ada.personId });
  expect(await outcome({ token })).toBe(refused);
  expect(await outcome({ email: ada.email, code })).toBe(refused);
});

test("it is good for 15 minutes", async () => {
  const [first, second] = [await mintSignIn(world.ctx(), ada.personId), await mintSignIn(world.ctx(), ada.personId)];
  world.clock.advance(15 * minute - 1);
  expect(await outcome({ token: first.token })).toBe("signed in");
  world.clock.advance(1);
  expect(await outcome({ token: second.token })).toBe(refused);
  expect(await outcome({ email: ada.email, code: second.code })).toBe(refused);
});

test("after 5 wrong codes the right one is worth nothing, nor is the link", async () => {
  const { token, code } = await mintSignIn(world.ctx(), ada.personId);
  for (let wrong = 1; wrong <= 4; wrong++)
    expect(await outcome({ email: ada.email, code: other(code, wrong) })).toBe(refused);
  const spared = await mintSignIn(world.ctx(), ada.personId);
  expect(await outcome({ email: ada.email, code: other(code, 5) })).toBe(refused);
  expect(await outcome({ email: ada.email, code })).toBe(refused);
  expect(await outcome({ token })).toBe(refused);
  // The one that came later has only had two of its tries.
  expect(await outcome({ token: spared.token })).toBe("signed in");
});

test("five tries are five under 60 parallel guesses", async () => {
  const { code } = await mintSignIn(world.ctx(), ada.personId);
  await Promise.all(Array.from({ length: 60 }, (_, at) => outcome({ email: ada.email, code: other(code, at + 1) })));
  const [signIn] = await stored("SIGNIN#");
  expect(signIn).toMatchObject({ tries: 5 });
  expect(await outcome({ email: ada.email, code })).toBe(refused);
});

test("a wrong code counts against every open sign-in of the person", async () => {
  const first = await mintSignIn(world.ctx(), ada.personId);
  const second = await mintSignIn(world.ctx(), ada.personId);
  let wrong = 1;
  for (let tried = 0; tried < 5; wrong++) {
    const guess = other(first.code, wrong);
    if (guess === second.code) continue;
    await outcome({ email: ada.email, code: guess });
    tried++;
  }
  expect(await outcome({ token: first.token })).toBe(refused);
  expect(await outcome({ token: second.token })).toBe(refused);
});

test("forged tokens, other people's and unknown addresses all get the one answer", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  const eve = await signedIn(world, ["viewer"]);
  const [personId, id, secret] = token.split(".");
  for (const forged of [
    "x",
    "..",
    `${personId}.${id}.${"A".repeat(43)}`,
    `${eve.personId}.${id}.${secret}`,
    `${personId}.sgn_00000000000000000000000000.${secret}`,
    `${token}x`,
  ])
    expect(await outcome({ token: forged })).toBe(refused);
  expect(await outcome({ email: "nobody@example.com", code: "123456" })).toBe(refused);
  expect(await outcome({ email: eve.email, code: "123456" })).toBe(refused);
});

test("whoever lost all rights cannot sign in with a mail that is on its way", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  const person = await findPerson(world.table, ada.personId);
  await transact(world.table, [replaceAccess(world.ctx(), person!.access, { ambassadorId: undefined })]);
  expect(await outcome({ token })).toBe(refused);
  expect(await prepareSignInMail(world.ctx(), emailKey(world.ctx().keys, ada.email))).toBeUndefined();
});

test("the mail's parts sign in; nobody and applicants get none", async () => {
  const keys = world.ctx().keys;
  const mail = await prepareSignInMail(world.ctx(), emailKey(keys, "ada@example.com"));
  expect(mail).toMatchObject({ to: { email: "Ada@Example.com" }, code: expect.stringMatching(/^\d{6}$/) });
  expect(await outcome({ token: mail!.token })).toBe("signed in");
  await signedIn(world, [], "applicant@example.com");
  expect(await prepareSignInMail(world.ctx(), emailKey(keys, "applicant@example.com"))).toBeUndefined();
  expect(await prepareSignInMail(world.ctx(), emailKey(keys, "nobody@example.com"))).toBeUndefined();
});

test("neither the link's secret nor the code is stored", async () => {
  const { token, code } = await mintSignIn(world.ctx(), ada.personId);
  const items = JSON.stringify(await stored("SIGNIN#"));
  expect(items).not.toContain(token.split(".")[2]);
  expect(items).not.toContain(`"${code}"`);
});

/** Everything that a call sends to the engine, without what differs from call to call. */
async function workOf(run: () => Promise<unknown>): Promise<string[]> {
  const work: string[] = [];
  const send = world.table.client.send.bind(world.table.client);
  world.table.client.send = ((command: { constructor: { name: string } }) => {
    work.push(command.constructor.name);
    return send(command as never);
  }) as typeof send;
  await run().catch(() => undefined);
  world.table.client.send = send;
  return work;
}

test("asking for a mail is the same work and answer for a known and an unknown address", async () => {
  const known = await workOf(() => start(elsewhere(), { email: ada.email }));
  const unknown = await workOf(() => start(elsewhere(), { email: "nobody@example.com" }));
  expect(unknown).toEqual(known);
  expect(await start(elsewhere(), { email: "nobody@example.com" })).toEqual({ status: "check_your_mail" });
  expect(await start(elsewhere(), { email: ada.email })).toEqual({ status: "check_your_mail" });
  const effects = await stored("EFFECT#");
  expect(effects).toHaveLength(4);
  expect(JSON.stringify(effects)).not.toMatch(/ada@|nobody@/i);
});

test("a wrong code is the same work for an unknown address as for one with a mail on its way", async () => {
  await mintSignIn(world.ctx(), ada.personId);
  const known = await workOf(() => verify(elsewhere(), { email: ada.email, code: "000000" }));
  const unknown = await workOf(() => verify(elsewhere(), { email: "nobody@example.com", code: "000000" }));
  expect(unknown).toEqual(known);
});

test("an address gets 5 mails in 15 minutes and a network 50 in an hour, exactly, under 100 parallel tries", async () => {
  const ask = async (email: string, network: string) => {
    try {
      await start(from(network), { email });
      return "asked";
    } catch (error) {
      return (error as AppError).kind;
    }
  };
  const byAddress = await Promise.all(Array.from({ length: 100 }, (_, at) => ask("a@example.com", `203.0.113.${at}`)));
  expect(byAddress.filter((each) => each === "asked")).toHaveLength(5);
  const byNetwork = await Promise.all(
    Array.from({ length: 100 }, (_, at) => ask(`b${at}@example.com`, "203.0.113.200")),
  );
  expect(byNetwork.filter((each) => each === "asked")).toHaveLength(50);
  expect(new Set([...byAddress, ...byNetwork])).toEqual(new Set(["asked", "rate_limited"]));
  // Each mail that was granted is one effect, no more and no less.
  expect(await stored("EFFECT#")).toHaveLength(55);
});
