import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { type FakeSsm, openSsm } from "../packages/local/testing/ssm.ts";

let world: World;
let ssm: FakeSsm;
beforeAll(async () => {
  [world, ssm] = await Promise.all([openWorld(), openSsm()]);
});
afterAll(() => Promise.all([world.close(), ssm.close()]));

const keys = { version: "k1", email: "an e-mail key", link: "a link key" };
const written: string[] = [];
const logged = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);

/** A process of its own: modules remember what they have started. */
const process_ = async () => {
  vi.resetModules();
  return import("./deployed.ts");
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  written.length = 0;
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  const env = {
    STAGE: "prod",
    TABLE_NAME: world.table.name,
    DYNAMODB_ENDPOINT: world.runtime.env.DYNAMODB_ENDPOINT!,
    PARAMETERS: "/laurel/prod",
    MAIL_FROM: "hello@example.com",
    SSM_ENDPOINT: ssm.endpoint,
    POWERTOOLS_SERVICE_NAME: "laurel-api",
    POWERTOOLS_METRICS_NAMESPACE: "Laurel/prod",
    PUBLIC_ORIGIN: "",
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  ssm.parameters.clear();
  ssm.calls.length = 0;
  ssm.trouble = undefined;
  ssm.set("/laurel/prod/keys", JSON.stringify(keys));
  ssm.set("/laurel/prod/public-origin", "https://d111111abcdef8.cloudfront.net", "String");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("keys and the portal's address come from the stage's parameters, once", async () => {
  const { runtime } = await process_();
  const [one, two] = await Promise.all([runtime(), runtime()]);
  expect(one).toBe(two);
  const ctx = one.context({ kind: "system", name: "test" });
  expect(ctx.keys).toEqual(keys);
  expect(ctx.publicOrigin).toBe("https://d111111abcdef8.cloudfront.net");
  expect(one.env.PUBLIC_ORIGIN).toBe(ctx.publicOrigin);
  expect((await ctx.program()).program.name).toBeTruthy();
  expect(ssm.calls.sort()).toEqual(["GetParameter /laurel/prod/keys", "GetParameter /laurel/prod/public-origin"]);
});

test("with a domain of one's own, its address is in the environment and no parameter is asked for", async () => {
  vi.stubEnv("PUBLIC_ORIGIN", "https://friends.example.com");
  const { runtime } = await process_();
  expect((await runtime()).env.PUBLIC_ORIGIN).toBe("https://friends.example.com");
  expect(ssm.calls).toEqual(["GetParameter /laurel/prod/keys"]);
});

test.each([
  ["keys", "npm run setup -- --stage prod"],
  ["public-origin", "npx sst deploy --stage prod"],
])(
  "without %s the log says which parameter is missing and what makes it; once it is there, it starts",
  async (name, command) => {
    const value = ssm.parameters.get(`/laurel/prod/${name}`)!.Value;
    ssm.parameters.delete(`/laurel/prod/${name}`);
    const { runtime } = await process_();
    await expect(runtime()).rejects.toMatchObject({ kind: "unavailable", code: "runtime.not_ready" });
    expect(logged()).toMatchObject([
      { level: "ERROR", message: "parameter.missing", parameter: `/laurel/prod/${name}`, command },
    ]);
    ssm.set(`/laurel/prod/${name}`, value);
    vi.setSystemTime(Date.now() + 5_000);
    expect((await runtime()).env.TABLE_NAME).toBe(world.table.name);
  },
);

test.each(['{"link":"sesame"', '{"link":"sesame"}', '{"version":"k1","email":"","link":"sesame"}'])(
  "keys that are none are told as such: %s",
  async (text) => {
    ssm.set("/laurel/prod/keys", text);
    const { runtime } = await process_();
    await expect(runtime()).rejects.toMatchObject({ code: "runtime.not_ready" });
    expect(logged()).toMatchObject([{ message: "parameter.unreadable", parameter: "/laurel/prod/keys" }]);
    expect(written.join("")).not.toContain("sesame");
  },
);

test("a store that is throttled at the start is asked again by the next event; later, what was read serves on", async () => {
  const { runtime } = await process_();
  ssm.trouble = "throttled";
  await expect(runtime()).rejects.toMatchObject({ code: "secrets.unavailable" });
  ssm.trouble = undefined;
  await runtime();
  ssm.trouble = "throttled";
  vi.setSystemTime(Date.now() + 6 * 60_000);
  expect((await runtime()).context({ kind: "system", name: "test" }).keys).toEqual(keys);
  expect(logged()).toMatchObject(
    [{ level: "WARN", message: "parameter.stale", parameter: "/laurel/prod/keys", error: /ThrottlingException/ }].map(
      ({ error, ...line }) => ({ ...line, error: expect.stringMatching(error) }),
    ),
  );
});

test("new keys are known after five minutes, by processes that run on", async () => {
  const { runtime } = await process_();
  const context = async () => (await runtime()).context({ kind: "system", name: "test" });
  await context();
  ssm.set("/laurel/prod/keys", JSON.stringify({ ...keys, version: "k2" }));
  expect((await context()).keys.version).toBe("k1");
  vi.setSystemTime(Date.now() + 5 * 60_000);
  expect((await context()).keys.version).toBe("k2");
});

test.each(["TABLE_NAME", "MAIL_FROM", "PARAMETERS"])("without %s in its environment it says so", async (name) => {
  vi.stubEnv(name, "");
  const { runtime } = await process_();
  await expect(runtime()).rejects.toThrow(`The function's environment lacks ${name}`);
});

test("the receiver of webhooks has what it answers with, and nothing that would ask somebody else", async () => {
  vi.resetModules();
  const { receiverRuntime } = await import("./receiver.ts");
  const { gateways } = (await receiverRuntime()).context({ kind: "system", name: "test" });
  expect(typeof gateways.stripe.verifySignature).toBe("function");
  expect(typeof gateways.secrets.ofConnection).toBe("function");
  expect(() => gateways.stripe.createPromotionCode).toThrow("This function was not given createPromotionCode");
  expect(() => gateways.mail).toThrow("This function was not given mail");
});

test("who has the table alone asks for no parameter", async () => {
  for (const name of ["PARAMETERS", "MAIL_FROM"]) vi.stubEnv(name, "");
  ssm.trouble = "down";
  const { tableRuntime } = await process_();
  const ctx = (await tableRuntime()).context({ kind: "system", name: "test" });
  expect((await ctx.program()).program.name).toBeTruthy();
  expect(() => ctx.keys.email).toThrow("was not given email");
  expect(ssm.calls).toEqual([]);
});
