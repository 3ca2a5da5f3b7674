import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FakeSsm, openSsm } from "../../../../local/testing/ssm.ts";
import { createSecretsGateway, openParameters } from "./index.ts";
import { testSecretsPort } from "./port.suite.ts";

const prefix = "/laurel/test";
const id = "con_01jd0000000000000000000001";
const minuteMs = 60_000;

testSecretsPort("SSM", async () => {
  const ssm = await openSsm();
  const open = () => createSecretsGateway(openParameters({ prefix, endpoint: ssm.endpoint }));
  return { gateway: open(), reopened: open, close: ssm.close };
});

let ssm: FakeSsm;
beforeAll(async () => {
  ssm = await openSsm();
});
afterAll(() => ssm.close());

const stale: string[] = [];
let nowMs = 0;
const open = () =>
  openParameters({
    prefix,
    endpoint: ssm.endpoint,
    nowMs: () => nowMs,
    onStale: (name, error) => stale.push(`${name} ${(error as Error).name}`),
  });
const secrets = (webhookSecrets: string[], apiKey = "sk_test_1") => JSON.stringify({ apiKey, webhookSecrets });

beforeEach(() => {
  ssm.calls.length = 0;
  ssm.trouble = undefined;
  stale.length = 0;
  nowMs = 1_000_000_000;
  ssm.set(`${prefix}/connections/${id}`, secrets(["whsec_1"]));
});

describe("parameters", () => {
  test("are read when they are needed, once for many, and kept for five minutes", async () => {
    const parameters = open();
    expect(ssm.calls).toEqual([]);
    const many = await Promise.all(Array.from({ length: 20 }, () => parameters.find(`connections/${id}`)));
    expect(new Set(many)).toEqual(new Set([secrets(["whsec_1"])]));
    ssm.set(`${prefix}/connections/${id}`, secrets(["whsec_2"]));
    nowMs += 5 * minuteMs - 1;
    expect(await parameters.find(`connections/${id}`)).toBe(secrets(["whsec_1"]));
    expect(ssm.calls).toEqual([`GetParameter ${prefix}/connections/${id}`]);
    nowMs += 1;
    expect(await parameters.find(`connections/${id}`)).toBe(secrets(["whsec_2"]));
    expect(ssm.calls).toHaveLength(2);
  });

  test("that do not exist are asked for again after five seconds, and not before", async () => {
    const parameters = open();
    for (let at = 0; at < 3; at++) expect(await parameters.find("later")).toBeUndefined();
    expect(ssm.calls).toHaveLength(1);
    ssm.set(`${prefix}/later`, "here", "String");
    nowMs += 5_000;
    expect(await parameters.find("later")).toBe("here");
  });

  test("are read anew at most once a minute, however many signatures do not hold", async () => {
    const parameters = open();
    await parameters.find(`connections/${id}`);
    ssm.set(`${prefix}/connections/${id}`, secrets(["whsec_2"]));
    const many = await Promise.all(Array.from({ length: 20 }, () => parameters.refresh(`connections/${id}`)));
    expect(new Set(many)).toEqual(new Set([secrets(["whsec_2"])]));
    expect(ssm.calls).toHaveLength(2);
    ssm.set(`${prefix}/connections/${id}`, secrets(["whsec_3"]));
    nowMs += minuteMs - 1;
    expect(await parameters.refresh(`connections/${id}`)).toBe(secrets(["whsec_2"]));
    expect(ssm.calls).toHaveLength(2);
    nowMs += 1;
    expect(await parameters.refresh(`connections/${id}`)).toBe(secrets(["whsec_3"]));
    expect(ssm.calls).toHaveLength(3);
  });

  test.each(["throttled", "down", "forbidden"] as const)(
    "serve on for an hour while the store is %s, and say so",
    async (trouble) => {
      const parameters = open();
      await parameters.find(`connections/${id}`);
      ssm.trouble = trouble;
      nowMs += 59 * minuteMs;
      expect(await parameters.find(`connections/${id}`)).toBe(secrets(["whsec_1"]));
      expect(stale).toHaveLength(1);
      const asked = ssm.calls.length;
      // Not everybody waits for a store that does not answer.
      nowMs += 4_999;
      for (let at = 0; at < 5; at++) await parameters.find(`connections/${id}`);
      expect(ssm.calls).toHaveLength(asked);
      nowMs += 2 * minuteMs;
      await expect(parameters.find(`connections/${id}`)).rejects.toMatchObject({
        kind: "unavailable",
        code: "secrets.unavailable",
        retryAfterMs: 5000,
      });
      ssm.trouble = undefined;
      expect(await parameters.find(`connections/${id}`)).toBe(secrets(["whsec_1"]));
    },
  );

  test("serve on while the store is silent, and nobody waits for it longer than a checkout would", async () => {
    const parameters = open();
    await parameters.find(`connections/${id}`);
    ssm.trouble = "silent";
    nowMs += 5 * minuteMs;
    const started = performance.now();
    expect(await parameters.find(`connections/${id}`)).toBe(secrets(["whsec_1"]));
    expect(performance.now() - started).toBeLessThan(4_500);
    expect(stale).toEqual([`${prefix}/connections/${id} TimeoutError`]);
  });

  test("that were withdrawn end at once, since that is an answer", async () => {
    const parameters = open();
    await parameters.find(`connections/${id}`);
    ssm.parameters.delete(`${prefix}/connections/${id}`);
    nowMs += 5 * minuteMs;
    expect(await parameters.find(`connections/${id}`)).toBeUndefined();
  });

  test("that nobody has read are unavailable while the store does not answer; names of parameters and values stay inside", async () => {
    ssm.trouble = "forbidden";
    const error = await open()
      .find(`connections/${id}`)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(String((error as Error).cause)).toMatch(/^Error: AccessDeniedException 400/);
    expect(String((error as Error).cause)).not.toContain("arn:");
  });

  test("are written encrypted, and known here at once", async () => {
    const parameters = open();
    await parameters.put(`connections/${id}`, secrets(["whsec_9"]));
    expect(ssm.parameters.get(`${prefix}/connections/${id}`)).toMatchObject({
      Type: "SecureString",
      Value: secrets(["whsec_9"]),
    });
    expect(await parameters.find(`connections/${id}`)).toBe(secrets(["whsec_9"]));
    expect(ssm.calls).toEqual([`PutParameter ${prefix}/connections/${id}`]);
    await expect(parameters.put("big", "x".repeat(4097))).rejects.toMatchObject({ kind: "invalid" });
    ssm.trouble = "throttled";
    await expect(parameters.put("more", "x")).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("secrets of connections", () => {
  test("come from a parameter of their own", async () => {
    expect(await createSecretsGateway(open()).ofConnection(id)).toEqual({
      apiKey: "sk_test_1",
      webhookSecrets: ["whsec_1"],
    });
  });

  test.each(["", "keys", "../keys", `${id}/x`, "con_1", `${id}:1`, id.toUpperCase()])(
    "are never asked for by what is no connection's id: %j",
    async (other) => {
      const gateway = createSecretsGateway(open());
      for (const ask of [gateway.ofConnection, gateway.refresh])
        await expect(ask(other)).rejects.toMatchObject({ code: "connection.secrets" });
      expect(ssm.calls).toEqual([]);
    },
  );

  test.each(["{", "[]", "null", '{"apiKey":"sk"}', '{"apiKey":"sk","webhookSecrets":[5]}', secrets([""])])(
    "that were damaged are unavailable: %j",
    async (text) => {
      ssm.set(`${prefix}/connections/${id}`, text);
      await expect(createSecretsGateway(open()).ofConnection(id)).rejects.toMatchObject({
        kind: "unavailable",
        code: "connection.secrets",
      });
    },
  );
});
