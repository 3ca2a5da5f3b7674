import { AppError } from "@laurel/core/kernel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StripeGateway } from "./port.ts";

export interface PortUnderTest {
  gateway: StripeGateway;
  /** A connection that works. */
  connectionId: string;
  /** A connection whose key is not accepted. */
  lockedOutId: string;
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

/** What Laurel counts on at Stripe, whoever plays it. It leaves a coupon and some codes behind. */
export function testStripePort(name: string, open: () => Promise<PortUnderTest>): void {
  describe(`Stripe port: ${name}`, () => {
    let port: PortUnderTest;
    const couponId = `laurel-test-${unique()}`;
    const make = (code: string, idempotencyKey = `test-${unique()}`, metadata = { codeId: "abc" }) =>
      port.gateway.createPromotionCode({ id: port.connectionId }, { couponId, code, metadata, idempotencyKey });

    beforeAll(async () => {
      port = await open();
      await port.gateway.ensureCoupon({ id: port.connectionId }, { id: couponId, name: "Spring", percentOff: 15 });
    });
    afterAll(() => port.close());

    test("a coupon is made once, however often and however close together it is asked for", async () => {
      const coupon = {
        id: `laurel-test-${unique()}`,
        name: "A name that is longer than the forty characters Stripe keeps",
        percentOff: 12.5,
      };
      await Promise.all([1, 2, 3, 4].map(() => port.gateway.ensureCoupon({ id: port.connectionId }, coupon)));
      await port.gateway.ensureCoupon({ id: port.connectionId }, coupon);
      const error = await failure(port.gateway.ensureCoupon({ id: port.connectionId }, { ...coupon, percentOff: 20 }));
      expect(error).toMatchObject({ kind: "rejected", code: "stripe.coupon_differs" });
    });

    test("a promotion code is made on its coupon, and found by id and by text in any case", async () => {
      const code = `ANNA${unique()}`;
      const made = await make(code);
      expect(made).toEqual({
        id: expect.stringMatching(/^promo_/),
        code,
        active: true,
        couponId,
        metadata: { codeId: "abc" },
      });
      expect(await port.gateway.getPromotionCode({ id: port.connectionId }, made.id)).toEqual(made);
      expect(await port.gateway.findPromotionCode({ id: port.connectionId }, code.toLowerCase())).toEqual(made);
    });

    test("the same idempotency key makes one code; with other details it is refused", async () => {
      const code = `KEY${unique()}`;
      const key = `test-${unique()}`;
      const first = await make(code, key);
      expect(await make(code, key)).toEqual(first);
      expect(await failure(make(`${code}2`, key))).toMatchObject({
        kind: "rejected",
        code: "stripe.idempotency_error",
      });
    });

    test("a text that is taken is refused in any case, until it is switched off", async () => {
      const code = `TAKEN${unique()}`;
      const first = await make(code);
      const error = await failure(make(code.toLowerCase()));
      expect(error.kind).toBe("rejected");
      expect(error.message).toContain(code.toLowerCase());
      expect(await port.gateway.setPromotionCodeActive({ id: port.connectionId }, first.id, false)).toMatchObject({
        id: first.id,
        active: false,
      });
      expect(await port.gateway.findPromotionCode({ id: port.connectionId }, code)).toBeUndefined();
      const second = await make(code);
      expect(second.id).not.toBe(first.id);
      expect((await failure(port.gateway.setPromotionCodeActive({ id: port.connectionId }, first.id, true))).kind).toBe(
        "rejected",
      );
    });

    test("switching on or off twice changes nothing more", async () => {
      const { id } = await make(`TWICE${unique()}`);
      for (const active of [true, false, false, true])
        expect(await port.gateway.setPromotionCodeActive({ id: port.connectionId }, id, active)).toMatchObject({
          active,
        });
    });

    test("what is not there is undefined when looked for, and refused when changed", async () => {
      expect(await port.gateway.getPromotionCode({ id: port.connectionId }, "promo_1nothinghere")).toBeUndefined();
      expect(await port.gateway.getPromotionCode({ id: port.connectionId }, "../coupons")).toBeUndefined();
      expect(await port.gateway.getPromotionCode({ id: port.connectionId }, "")).toBeUndefined();
      expect(await port.gateway.findPromotionCode({ id: port.connectionId }, `NONE${unique()}`)).toBeUndefined();
      const error = await failure(
        port.gateway.setPromotionCodeActive({ id: port.connectionId }, "promo_1nothinghere", false),
      );
      expect(error).toMatchObject({ kind: "rejected", code: "stripe.resource_missing" });
    });

    test("characters that a code cannot have, and a coupon that does not exist, are refused with the reason", async () => {
      expect(await failure(make("NO SPACES"))).toMatchObject({
        kind: "rejected",
        message: expect.stringMatching(/^Stripe said no: .+/),
      });
      const create = {
        couponId: "laurel-test-none",
        code: `X${unique()}`,
        metadata: {},
        idempotencyKey: `test-${unique()}`,
      };
      expect((await failure(port.gateway.createPromotionCode({ id: port.connectionId }, create))).kind).toBe(
        "rejected",
      );
    });

    test("a key that is not accepted is a definite no, and is not repeated in it", async () => {
      const error = await failure(port.gateway.findPromotionCode({ id: port.lockedOutId }, "ANNA15"));
      expect(error.kind).toBe("rejected");
      expect([error.message, String((error.cause as Error).stack), JSON.stringify(error.cause)].join()).not.toMatch(
        /sk_(test|live)|somebody/,
      );
    });
  });
}
