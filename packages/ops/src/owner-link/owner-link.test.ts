import { readFileSync } from "node:fs";
import { join } from "node:path";
import { list as listAudit } from "@laurel/core/audit";
import { createStaff, findPersonByEmail } from "@laurel/core/person";
import { loadProgram } from "@laurel/core/program";
import { verify } from "@laurel/core/sign-in";
import { openRecorder } from "@laurel/local/bench/recorder.ts";
import { openWorld, type World } from "@laurel/local/testing/index.ts";
import { scan } from "@laurel/local/testing/scan.ts";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type FakeAws, openFakeAws } from "../../testing/aws.ts";
import { ended } from "../../testing/io.ts";
import { fakeLambda } from "../../testing/lambda.ts";
import { type FakeParameters, fakeParameters } from "../../testing/ssm.ts";
import { makeOwnerLink, ownerLink } from "./owner-link.ts";

let world: World;
let ssm: FakeParameters;
let aws: FakeAws;
let env: Record<string, string>;
beforeEach(async () => {
  world = await openWorld({ withoutProgram: true, now: new Date() });
  ssm = fakeParameters();
  ssm.stored.set("/laurel/prod/keys", { type: "SecureString", value: JSON.stringify(world.ctx().keys) });
  ssm.stored.set("/laurel/prod/public-origin", { type: "String", value: "https://d111.cloudfront.net" });
  env = { TABLE_NAME: world.table.name };
  aws = await openFakeAws([ssm.service, fakeLambda({ "prod-laurel-api": env }).service]);
  process.env.AWS_ENDPOINT_URL_DYNAMODB = inject("dynamodbEndpoint");
});
afterEach(async () => {
  await aws.close();
  await world.close();
});

const there = "--stage prod --region eu-central-1";
const brand = '--brand "Ridge & Co" --currency CHF --time-zone Europe/Zurich --shop https://ridge.example/shop';
const run = (argv: string) => ended(ownerLink, `${there} ${argv}`);
const tokenIn = (text: string) => /#token=(\S+)/.exec(text)?.[1] ?? "";
const visitor = () => world.ctx({ kind: "public", network: "192.0.2.7" });

test("the first link sets the program up, makes the owner, and signs them in once within 15 minutes", async () => {
  const { code, text } = await run(
    `--email Olga@example.com --name "Olga Owner" ${brand} --privacy https://ridge.example/privacy`,
  );
  expect(code, text).toBe(0);
  expect(text).toContain("https://d111.cloudfront.net/sign-in#token=");
  expect(text).toContain("Its guidelines and terms lead to the shop for now");
  const { program, tiers, campaigns, connections } = await loadProgram(world.table);
  expect(program).toMatchObject({
    name: "Ridge & Co",
    currency: "CHF",
    timeZone: "Europe/Zurich",
    shopUrl: "https://ridge.example/shop",
    privacy: { version: "1", url: "https://ridge.example/privacy" },
    terms: { url: "https://ridge.example/shop" },
  });
  expect([tiers.length, campaigns.length, connections.length]).toEqual([2, 1, 0]);

  const person = (await findPersonByEmail(world.ctx(), "olga@example.com"))!;
  expect(person).toMatchObject({ profile: { name: "Olga Owner" }, access: { staffRoles: ["owner"] } });
  const { actor } = await verify(visitor(), { token: tokenIn(text) });
  expect(actor).toMatchObject({ kind: "person", personId: person.profile.personId, roles: ["owner"] });
  await expect(verify(visitor(), { token: tokenIn(text) })).rejects.toMatchObject({ kind: "unauthenticated" });

  const late = await run("--email olga@example.com");
  world.clock.set(new Date(Date.now() + 15 * 60_000 + 1000));
  await expect(verify(visitor(), { token: tokenIn(late.text) })).rejects.toMatchObject({ kind: "unauthenticated" });
});

test("the audit tells of the program, the role and each link; the table holds no token", async () => {
  const { text } = await run(`--email olga@example.com ${brand}`);
  const { items } = await listAudit(world.ctx(), {});
  expect(items.map((line) => line.action).sort()).toEqual([
    "person.roles_granted",
    "program.set_up",
    "sign_in.owner_link",
  ]);
  for (const line of items) expect(line.actor).toMatchObject({ kind: "system", id: "owner-link" });
  const secret = tokenIn(text).split(".")[2]!;
  expect(secret).toHaveLength(43);
  expect(JSON.stringify(await scan(world))).not.toContain(secret);
});

test("a custom domain is the function's own setting", async () => {
  env.PUBLIC_ORIGIN = "https://friends.ridge.example";
  ssm.stored.delete("/laurel/prod/public-origin");
  expect((await run(`--email olga@example.com ${brand}`)).text).toContain(
    "https://friends.ridge.example/sign-in#token=",
  );
});

test("a later link needs the address alone, keeps the name, and says that settings changed nothing", async () => {
  await run(`--email olga@example.com --name "Olga Owner" ${brand}`);
  const again = await run('--email olga@example.com --brand "Other"');
  expect(again.code).toBe(0);
  expect(again.text).toContain("--brand changed nothing");
  expect((await loadProgram(world.table)).program.name).toBe("Ridge & Co");
  const person = await findPersonByEmail(world.ctx(), "olga@example.com");
  expect(person).toMatchObject({ profile: { name: "Olga Owner" }, access: { accessVersion: 1 } });
});

test("a second owner is made only by force, and the audit says so", async () => {
  await run(`--email olga@example.com --name "Olga Owner" ${brand}`);
  const refused = await run("--email eve@example.com");
  expect(refused.code).toBe(1);
  expect(refused.text).toContain("This program has an owner already: Olga Owner.");
  expect(refused.text).not.toContain("#token=");
  expect(await findPersonByEmail(world.ctx(), "eve@example.com")).toBeUndefined();

  // Somebody of the team is no owner either.
  await createStaff(world.ctx(), { email: "fin@example.com", name: "Fin", roles: ["finance"] });
  expect((await run("--email fin@example.com")).code).toBe(1);

  const forced = await run("--email eve@example.com --force");
  expect(forced.code, forced.text).toBe(0);
  const eve = (await findPersonByEmail(world.ctx(), "eve@example.com"))!;
  const [line] = (await listAudit(world.ctx(), { subject: eve.profile.personId })).items;
  expect(line).toMatchObject({ action: "sign_in.owner_link", note: "Although there was another owner (--force)" });
  // Both are owners now, and neither needs force.
  expect((await run("--email olga@example.com")).code).toBe(0);
});

test("everything that is missing for the program is told at once, and nothing is written", async () => {
  const { code, text } = await run(
    "--email olga@example.com --currency euro --time-zone Mars/Olympus --shop ridge.example",
  );
  expect(code).toBe(1);
  for (const part of ['--brand "Your Brand"', "--currency euro", "--time-zone Mars/Olympus", "--shop ridge.example"])
    expect(text).toContain(part);
  expect((await run(`--email olga@example.com ${brand.replace("CHF", "XQX")}`)).text).toContain("--currency XQX");
  expect((await run(`--email olga ${brand}`)).text).toContain("--email olga is not an e-mail address");
  expect((await run(brand)).text).toContain("Say whose link it is");
  expect(await scan(world)).toEqual([]);
});

test("docs/permissions-data.json allows what it does to the table, and nothing more", async () => {
  const recorder = openRecorder(world.table);
  recorder.start();
  const ctx = world.ctx({ kind: "system", name: "owner-link" });
  const input = {
    email: "olga@example.com",
    brand: "Ridge",
    currency: "CHF",
    "time-zone": "Europe/Zurich",
    shop: "https://ridge.example",
  };
  const io = { say: () => {} };
  await makeOwnerLink(ctx, input, io);
  await makeOwnerLink(ctx, { email: "eve@example.com", force: true }, io);
  await createStaff(world.ctx(), { email: "fin@example.com", name: "Fin", roles: ["finance"] });
  await makeOwnerLink(ctx, { email: "fin@example.com", name: "Fin Ance", force: true }, io);
  // A transaction needs the rights of its parts.
  const used = recorder
    .stop()
    .flatMap(({ operation, input: sent }) =>
      operation === "TransactWriteItems"
        ? sent.TransactItems.flatMap((item: object) => Object.keys(item).map((kind) => `dynamodb:${kind}Item`))
        : [`dynamodb:${operation}`],
    );
  const policy = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../docs/permissions-data.json"), "utf8"));
  const { Action: allowed } = policy.Statement.find(({ Sid }: { Sid: string }) => Sid === "OwnerLink");
  expect([...new Set(used)].sort()).toEqual(allowed);
});

test("two at once make one program and one owner, and both links are good", async () => {
  const both = await Promise.all([run(`--email olga@example.com ${brand}`), run(`--email olga@example.com ${brand}`)]);
  expect(both.map((each) => each.code)).toEqual([0, 0]);
  expect((await loadProgram(world.table)).tiers).toHaveLength(2);
  for (const { text } of both) expect((await verify(visitor(), { token: tokenIn(text) })).actor.kind).toBe("person");
});

test("says what is missing of a stage that is not deployed, or not set up", async () => {
  const missing = async (what: string, argv = `--email olga@example.com ${brand}`) => {
    const { code, text } = await run(argv);
    expect(code).toBe(1);
    expect(text).toContain(what);
  };
  const other = await ended(ownerLink, `--stage test --region eu-central-1 --email o@example.com ${brand}`);
  expect(other).toMatchObject({ code: 1, text: expect.stringContaining("Stage test is not deployed in eu-central-1") });
  ssm.stored.delete("/laurel/prod/public-origin");
  await missing("/laurel/prod/public-origin");
  ssm.stored.set("/laurel/prod/public-origin", { type: "String", value: "https://d111.cloudfront.net" });
  ssm.stored.delete("/laurel/prod/keys");
  await missing("npm run setup -- --stage prod");
});
