import fc from "fast-check";
import { expect, test } from "vitest";
import { redact } from "./redact.ts";

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const told = (value: unknown) => JSON.stringify(redact(bytes(value)));

test("what a person must see to understand an event stays", () => {
  const event = {
    id: "evt_1PqAbCdEf",
    object: "event",
    type: "checkout.session.completed",
    created: 1_781_517_600,
    livemode: false,
    data: {
      object: {
        id: "cs_test_a1B2c3",
        mode: "payment",
        payment_status: "paid",
        payment_intent: "pi_3PqAbC",
        amount_total: 11_900,
        currency: "eur",
        total_details: { amount_tax: 1900, amount_discount: 0 },
        discounts: [{ coupon: null, promotion_code: "promo_1PqA" }],
        client_reference_id: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa",
        shipping_cost: null,
      },
    },
  };
  expect(redact(bytes(event))).toEqual(event);
});

test("what says something about the buyer goes, and its place stays", () => {
  const object = {
    customer_details: { email: "anna@example.com", name: "Anna Muster" },
    customer_email: "anna@example.com",
    metadata: { note: "for Anna" },
    success_url: "https://shop.example/thanks?mail=anna%40example.com",
    client_reference_id: "anna-muster-1984",
    custom_fields: [{ key: "engraving", text: { value: "For Anna" } }],
    payment_method_details: { card: { last4: "4242" } },
    billing_details: { address: { line1: "Musterweg 1" } },
    "anna@example.com": 1,
    receipt_email: "anna@example.com",
    phone: 491_701_234_567,
    note: "Anna Muster",
    shipping_details: null,
  };
  expect(redact(bytes({ type: "x", data: { object } }))).toEqual({
    type: "x",
    data: {
      object: {
        customer_details: "•••",
        customer_email: "•••",
        metadata: "•••",
        success_url: "•••",
        client_reference_id: "•••",
        custom_fields: "•••",
        payment_method_details: "•••",
        billing_details: "•••",
        "•••": 1,
        receipt_email: "•••",
        phone: "•••",
        note: "•••",
        shipping_details: null,
      },
    },
  });
});

test("nothing personal survives, wherever it stands", () => {
  const personal = fc.constantFrom(
    "anna.muster@example.com",
    "Anna Muster",
    "Musterweg 1",
    "+49 170 1234567",
    "Anna-Maria Muster",
    "12345 Musterstadt",
    "192.0.2.77",
    "O'Brien",
  );
  const key = fc.oneof(
    fc.constantFrom(
      "type",
      "status",
      "id",
      "note",
      "reason",
      "customer",
      "value",
      "0",
      "mode",
      "object",
      "client_reference_id",
    ),
    fc.string({ minLength: 1, maxLength: 12 }),
    personal,
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      personal,
      fc.integer({ min: 0, max: 9 }),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const shown = told(value);
      for (const word of ["muster", "Muster", "Anna", "170", "192.0", "Brien", "12345"])
        expect(shown).not.toContain(word);
    }),
    { numRuns: 500 },
  );
});

test("5,000 deep does not overflow, nor do 200,000 wide", () => {
  const deep = redact(bytes(`${'{"a":['.repeat(5000)}1${"]}".repeat(5000)}`));
  expect(JSON.stringify(deep)).toContain("…");
  const wide = redact(bytes(`[${"1,".repeat(200_000)}1]`)) as unknown[];
  expect([wide.length, wide[0], wide.includes("…")]).toEqual([200_001, "…", true]);
});

test("keys that mean something to JavaScript are keys like any other", () => {
  const shown = redact(bytes('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"type":"x"}'));
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(shown)).toBeNull();
  expect(JSON.parse(JSON.stringify(shown))).toMatchObject({ type: "x", constructor: { prototype: { polluted: 1 } } });
});

test.each([
  ["null", null],
  ["5", 5],
  ["[]", []],
  ['"someone"', "•••"],
  ["true", true],
  ["{", null],
  ["", null],
])("of %s it shows %j", (body, shown) => {
  expect(redact(bytes(body))).toEqual(shown);
});
