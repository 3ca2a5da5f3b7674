import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeAws, jsonError, openFakeAws, type Service } from "../../testing/aws.ts";
import { type FakeStack, fakeCloudFormation } from "../../testing/cloudformation.ts";
import { ended } from "../../testing/io.ts";
import { type FakeParameters, fakeParameters } from "../../testing/ssm.ts";
import { setup } from "./setup.ts";

let ssm: FakeParameters;
let stacks: FakeStack[];
let aws: FakeAws;
/** Stands in front of all services. */
let gate: Service = () => undefined;
beforeEach(async () => {
  ssm = fakeParameters();
  stacks = [];
  gate = () => undefined;
  aws = await openFakeAws([(asked) => gate(asked), ssm.service, fakeCloudFormation(stacks)]);
});
afterEach(() => aws.close());

const run = (more = "", stdin = "") =>
  ended(setup, `--stage prod --region eu-central-1 ${more}`, { stdin, env: { AWS_REGION: "us-east-1" } });
const everything = () => Object.fromEntries([...ssm.stored].map(([name, { value, type }]) => [name, [type, value]]));

test("makes the keys as a secret and the origin's two as plain values, each of 256 bits, and prints none of them", async () => {
  const { code, text } = await run();
  expect(code, text).toBe(0);
  expect([...ssm.stored.keys()]).toEqual([
    "/laurel/prod/keys",
    "/laurel/prod/origin-secret",
    "/laurel/prod/origin-secret-next",
  ]);
  expect([...ssm.stored.values()].map(({ type }) => type)).toEqual(["SecureString", "String", "String"]);
  const keys = JSON.parse(ssm.stored.get("/laurel/prod/keys")!.value);
  expect(keys).toEqual({ version: "k1", email: expect.any(String), link: expect.any(String) });
  const secrets = [keys.email, keys.link, ...[...ssm.stored.values()].slice(1).map(({ value }) => value)];
  for (const secret of secrets) {
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    // The two origin secrets stand in one variable with a comma between.
    expect(secret).toMatch(/^[\w-]+$/);
    expect(text).not.toContain(secret);
  }
  expect(new Set(secrets).size).toBe(4);
  expect(text).toContain("Account 111122223333");
  expect(text).toContain("npx sst deploy --stage prod --region eu-central-1");
  expect(text).toContain("npm run owner-link -- --stage prod");
});

test("run again, and run by two at once, it leaves alone what is there", async () => {
  await run();
  const before = everything();
  const { code, text } = await run();
  expect(code).toBe(0);
  expect(text.match(/^ {2}kept {2}/gm)).toHaveLength(3);
  expect(everything()).toEqual(before);

  ssm.stored.clear();
  const both = await Promise.all([run(), run()]);
  expect(both.map((each) => each.code)).toEqual([0, 0]);
  const made = both.flatMap(({ text: said }) => said.match(/^ {2}made {2}\S+/gm) ?? []);
  expect(made.sort()).toEqual([...ssm.stored.keys()].map((name) => `  made  ${name}`).sort());
});

test("a run that was cut short is gone on with", async () => {
  for (let after = 1; after <= 3; after++) {
    ssm.stored.clear();
    aws.dieAfter(after);
    await run();
    const before = everything();
    expect(Object.keys(before)).toHaveLength(after);
    aws.dieAfter(undefined);
    expect((await run()).code).toBe(0);
    expect(everything()).toMatchObject(before);
    expect(ssm.stored.size).toBe(3);
  }
});

test("makes no new keys for a stage that is deployed, unless it is told to", async () => {
  stacks.push({ name: "prod-laurel-Data" });
  const { code, text } = await run();
  expect(code).toBe(1);
  expect(text).toContain("/laurel/prod/keys is gone");
  expect(text).toContain("--keys-from-stdin < keys.json");
  expect(ssm.stored.size).toBe(0);

  const copy = { version: "k1", email: "e".repeat(43), link: "l".repeat(43) };
  const put = await run("--keys-from-stdin", JSON.stringify(copy));
  expect(put.code, put.text).toBe(0);
  expect(JSON.parse(ssm.stored.get("/laurel/prod/keys")!.value)).toEqual(copy);
  expect(put.text).not.toContain(copy.email);

  ssm.stored.clear();
  expect((await run("--new-keys")).code).toBe(0);
  expect(ssm.stored.size).toBe(3);
});

test("a copy of the keys never goes over keys that are there, and rubbish is no copy", async () => {
  await run();
  const before = everything();
  const copy = JSON.stringify({ version: "k1", email: "other", link: "other" });
  expect(await run("--keys-from-stdin", copy)).toMatchObject({
    code: 1,
    text: expect.stringContaining("never overwritten"),
  });
  for (const rubbish of ["", "{}", '{"version":"k1","email":"","link":"x"}', "the keys"])
    expect(await run("--keys-from-stdin", rubbish)).toMatchObject({
      code: 1,
      text: expect.stringContaining("are no keys"),
    });
  expect(everything()).toEqual(before);
});

test("keeps a Slack webhook from stdin, puts a newer one in its place, and repeats nothing of it", async () => {
  const webhook = "https://hooks.slack.com/services/T000/B000/verysecret";
  const { code, text } = await run("--slack-webhook", webhook);
  expect(code, text).toBe(0);
  expect(ssm.stored.get("/laurel/prod/slack-webhook")).toEqual({ type: "SecureString", value: webhook });
  expect(text).not.toContain("verysecret");
  await run("--slack-webhook", `${webhook}2`);
  expect(ssm.stored.get("/laurel/prod/slack-webhook")!.value).toBe(`${webhook}2`);

  ssm.stored.clear();
  for (const rubbish of ["", "http://hooks.slack.com/verysecret", "verysecret"]) {
    const refused = await run("--slack-webhook", rubbish);
    expect(refused.code).toBe(1);
    expect(refused.text).not.toContain("verysecret");
  }
  expect(ssm.stored.size).toBe(0);
});

test("what a person can put right is told in a line or two, without a stack", async () => {
  const say = async (argv: string, env: Record<string, string> = {}) => {
    const { code, text } = await ended(setup, argv, { env });
    expect(code).toBe(1);
    expect(text).not.toMatch(/\n\s+at /);
    return text;
  };
  expect(await say("--region eu-central-1")).toContain("Say which stage");
  expect(await say("--stage Prod --region eu-central-1")).toContain("no name of a stage");
  expect(await say("--stage nowhere")).toContain("Say which region");
  expect(await say("--stage prod --region Frankfurt")).toContain("no name of a region");
  expect(await say("--stage prod --sage prod")).toContain("Unknown option '--sage'");
  const there = "--stage prod --region eu-central-1";
  const refusals: [string, number, string][] = [
    ["ExpiredTokenException", 400, "Your AWS sign-in is over"],
    ["UnrecognizedClientException", 400, "AWS does not know these credentials"],
    ["AccessDeniedException", 400, "docs/permissions.json"],
    ["ThrottlingException", 400, "go slower"],
    ["InternalServerError", 500, "AWS answered InternalServerError"],
  ];
  for (const [type, status, words] of refusals) {
    gate = () => jsonError(type, "User: arn:aws:iam::1:user/x is not authorized", status);
    expect(await say(there)).toContain(words);
  }
  gate = () => undefined;
  aws.dieAfter(0);
  expect(await say(there)).toContain("AWS cannot be reached (ECONNRESET)");
  aws.dieAfter(undefined);
  delete process.env.AWS_ACCESS_KEY_ID;
  delete process.env.AWS_SECRET_ACCESS_KEY;
  expect(await say(there)).toContain("There are no AWS credentials that work");
});

test("help says what it does and every option", async () => {
  const { code, text } = await ended(setup, "--help");
  expect(code).toBe(0);
  for (const option of Object.keys(setup.options)) expect(text).toContain(`--${option}`);
});
