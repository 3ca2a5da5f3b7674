import { AppError } from "@laurel/core/kernel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SecretsGateway } from "./port.ts";

export interface SecretsUnderTest {
  gateway: SecretsGateway;
  /** Another process on the same store, which has read nothing yet. */
  reopened(): SecretsGateway;
  close(): Promise<void>;
}

const idOf = (n: number) => `con_01jd00000000000000000000${String(n).padStart(2, "0")}`;
const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => expect.fail("it should have been refused"),
    (error) => {
      expect(error).toBeInstanceOf(AppError);
      return error as AppError;
    },
  );

/** What Laurel counts on wherever secrets are kept. */
export function testSecretsPort(name: string, open: () => Promise<SecretsUnderTest>): void {
  describe(`secrets port: ${name}`, () => {
    let under: SecretsUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    test("what was put is there, here and in another process", async () => {
      const secrets = { apiKey: "sk_test_1", webhookSecrets: ["whsec_new", "whsec_old"] };
      await under.gateway.putConnection(idOf(1), secrets);
      expect(await under.gateway.ofConnection(idOf(1))).toEqual(secrets);
      expect(await under.reopened().ofConnection(idOf(1))).toEqual(secrets);
      expect(await under.reopened().refresh(idOf(1))).toEqual(secrets);
    });

    test("what is put again takes the place of what was there", async () => {
      await under.gateway.putConnection(idOf(2), { apiKey: "sk_test_1", webhookSecrets: ["whsec_old"] });
      const rolled = { apiKey: "sk_test_2", webhookSecrets: ["whsec_new", "whsec_old"] };
      await under.gateway.putConnection(idOf(2), rolled);
      expect(await under.gateway.ofConnection(idOf(2))).toEqual(rolled);
      expect(await under.reopened().ofConnection(idOf(2))).toEqual(rolled);
    });

    test("each connection has its own", async () => {
      for (const n of [3, 4])
        await under.gateway.putConnection(idOf(n), { apiKey: `sk_test_${n}`, webhookSecrets: [`whsec_${n}`] });
      expect((await under.gateway.ofConnection(idOf(3))).apiKey).toBe("sk_test_3");
      expect((await under.gateway.ofConnection(idOf(4))).apiKey).toBe("sk_test_4");
    });

    test("whoever changes it reads what is kept at this moment", async () => {
      const other = under.reopened();
      await under.gateway.putConnection(idOf(6), { apiKey: "sk_test_6", webhookSecrets: ["whsec_6"] });
      expect(await under.gateway.ofConnection(idOf(6))).toMatchObject({ apiKey: "sk_test_6" });
      const rolled = { apiKey: "sk_test_66", webhookSecrets: ["whsec_6"] };
      await other.putConnection(idOf(6), rolled);
      const here = under.reopened();
      expect(await here.latestOfConnection(idOf(6))).toEqual(rolled);
      expect(await here.latestOfConnection(idOf(9))).toBeUndefined();
    });

    test("what is deleted is gone, and deleting it again does no harm", async () => {
      await under.gateway.putConnection(idOf(7), { apiKey: "sk_test_7", webhookSecrets: ["whsec_7"] });
      for (const _ of [1, 2]) await under.gateway.deleteConnection(idOf(7));
      expect(await under.gateway.latestOfConnection(idOf(7))).toBeUndefined();
      await expect(under.reopened().ofConnection(idOf(7))).rejects.toMatchObject({ code: "connection.secrets" });
    });

    test("where there is nothing, it is unavailable, and says which connection", async () => {
      for (const ask of [under.gateway.ofConnection, under.gateway.refresh]) {
        const error = await failure(ask(idOf(9)));
        expect(error).toMatchObject({ kind: "unavailable", code: "connection.secrets" });
        expect(error.message).toContain(idOf(9));
      }
    });

    test("what is too large is refused, and nothing secret stands in the error", async () => {
      const apiKey = `sk_test_hidden${"x".repeat(4096)}`;
      const error = await failure(under.gateway.putConnection(idOf(5), { apiKey, webhookSecrets: ["whsec_hidden"] }));
      expect(error).toMatchObject({ kind: "invalid" });
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain("hidden");
    });
  });
}
