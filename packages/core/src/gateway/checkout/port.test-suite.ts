import { AppError } from "@laurel/core/kernel";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { CheckoutGateway, Offer } from "./port.ts";

export interface CheckoutUnderTest {
  gateway: CheckoutGateway;
  /** A connection that works. */
  connection: Connection;
  /** One whose key is not accepted. */
  lockedOut: Connection;
  /** The same gateway, where nobody listens. */
  alone: CheckoutGateway;
  /** Something of the key, which no message may repeat. */
  keyPart: string;
  /** How many codes of this text there are at the checkout, switched on or not. */
  count(code: string): Promise<number>;
  /** Trouble at the next calls that write. `lose` does it and spoils the answer. */
  spoil(how: { answer: "refuse" | "lose"; status: number; times: number }): void;
  calm(): void;
  /** Where the checkout has another way to ask for a pause than a status. */
  throttle?(): void;
  close(): Promise<void>;
}

const unique = () => Math.random().toString(36).slice(2, 10).toUpperCase();
const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => expect.fail("it should have been refused"),
    (error) => {
      expect(error).toBeInstanceOf(AppError);
      return error as AppError;
    },
  );

/** What Laurel counts on at every checkout, whoever plays it. */
export function testCheckoutPort(name: string, open: () => Promise<CheckoutUnderTest>): void {
  describe(`Checkout port: ${name}`, () => {
    let it: CheckoutUnderTest;
    const offer: Offer = { id: `laurel-test-${unique()}`, name: "Spring", percentOff: 15 };
    const notes = (code: string) => ({ laurel_code: code, laurel_ambassador: "amb_1", laurel_campaign: "cmp_1" });
    const make = (code: string, key = `test-${unique()}`, metadata: Record<string, string> = notes(code), of = offer) =>
      it.gateway.createCode(it.connection, { code, offer: of, metadata, idempotencyKey: key });
    beforeAll(async () => {
      it = await open();
    });
    beforeEach(() => it.calm());
    afterAll(() => it.close());

    test("a code is made, switched on, with our notes, and found by id and by text in any case", async () => {
      const code = `ANNA${unique()}`;
      const made = await make(code);
      expect(made).toEqual({ id: expect.any(String), code, active: true, metadata: notes(code) });
      expect(await it.gateway.getCode(it.connection, made.id)).toEqual(made);
      expect(await it.gateway.findCode(it.connection, code.toLowerCase())).toEqual(made);
      expect(await it.gateway.findCode(it.connection, code)).toEqual(made);
    });

    test("an offer may give a half of a percent", async () => {
      expect(
        await make(`HALF${unique()}`, undefined, undefined, {
          ...offer,
          id: `laurel-test-${unique()}`,
          percentOff: 12.5,
        }),
      ).toMatchObject({
        active: true,
      });
    });

    test("a name of any length and any letters does no harm", async () => {
      const code = `NAME${unique()}`;
      const odd = { ...offer, id: `laurel-test-${unique()}`, name: `Frühling (laurel_code=X) "${"ö".repeat(200)}` };
      expect((await make(code, undefined, undefined, odd)).metadata).toEqual(notes(code));
    });

    test("the same asked again, and at once, makes one code", async () => {
      const code = `TWICE${unique()}`;
      const key = `test-${unique()}`;
      const first = await make(code, key);
      expect(await make(code, key)).toEqual(first);
      const both = `BOTH${unique()}`;
      const settled = await Promise.allSettled([1, 2, 3].map(() => make(both, "test-both-" + both)));
      expect(settled.some((each) => each.status === "fulfilled")).toBe(true);
      expect(await it.count(both)).toBe(1);
    });

    test("a text that somebody else has is refused in any case, with the reason", async () => {
      const code = `TAKEN${unique()}`;
      await make(code, undefined, { laurel_code: "ANOTHER" });
      const error = await failure(make(code.toLowerCase(), undefined, notes(code)));
      expect(error).toMatchObject({ kind: "rejected", message: expect.stringMatching(/said no: .+/) });
      expect(await it.count(code)).toBe(1);
    });

    test("is switched off and on, however often", async () => {
      const { id, code } = await make(`SWITCH${unique()}`);
      for (const active of [true, false, false, true, false]) {
        expect(await it.gateway.setCodeActive(it.connection, id, active)).toMatchObject({ id, code, active });
        expect(await it.gateway.getCode(it.connection, id)).toMatchObject({ active });
      }
      expect(await it.count(code)).toBe(1);
    });

    test("what is not there is undefined when looked for, and refused when changed", async () => {
      const { id } = await make(`HERE${unique()}`);
      const nowhere = id.replace(/\w{3,6}$/, "999999");
      for (const odd of [
        nowhere,
        "",
        "../coupons",
        "promo_1nothing",
        "gid://shopify/DiscountCodeNode/1",
        "' OR 1=1",
        "1e3",
      ])
        expect(await it.gateway.getCode(it.connection, odd), odd).toBeUndefined();
      expect(await it.gateway.findCode(it.connection, `NONE${unique()}`)).toBeUndefined();
      expect((await failure(it.gateway.setCodeActive(it.connection, nowhere, false))).kind).toBe("rejected");
    });

    test("a key that is not accepted is a definite no, and is not repeated in it", async () => {
      const error = await failure(it.gateway.findCode(it.lockedOut, "ANNA15"));
      expect(error.kind).toBe("rejected");
      expect(
        [error.message, String((error.cause as Error | undefined)?.stack), JSON.stringify(error)].join(),
      ).not.toContain(it.keyPart);
    });

    test("an answer that got lost is found again, and the code is made once", async () => {
      const code = `LOST${unique()}`;
      const key = `test-${unique()}`;
      it.spoil({ answer: "lose", status: 500, times: 1 });
      const first = await make(code, key).catch((error: AppError) => error);
      if (first instanceof AppError) expect(first.kind).toBe("unavailable");
      expect(await make(code, key)).toMatchObject({ code, active: true });
      expect(await it.count(code)).toBe(1);
    });

    test.each([500, 502, 503, 429])(
      "a status of %i that stays is `unavailable`, and nothing was made",
      async (status) => {
        const code = `DOWN${unique()}`;
        it.spoil({ answer: "refuse", status, times: 99 });
        expect(await failure(make(code))).toMatchObject({
          kind: "unavailable",
          message: expect.stringContaining("tried again"),
          retryAfterMs: expect.any(Number),
        });
        it.calm();
        expect(await it.count(code)).toBe(0);
      },
    );

    test("a pause that is asked for in other ways is `unavailable` too", async () => {
      if (!it.throttle) return;
      it.throttle();
      const error = await failure(it.gateway.findCode(it.connection, "ANNA15"));
      expect(error).toMatchObject({
        kind: "unavailable",
        code: expect.stringContaining("throttled"),
        retryAfterMs: 100,
      });
    });

    test("nobody there is `unavailable`", async () => {
      expect(await failure(it.alone.findCode(it.connection, "ANNA15"))).toMatchObject({
        kind: "unavailable",
        code: expect.stringContaining("unreachable"),
      });
    });
  });
}
