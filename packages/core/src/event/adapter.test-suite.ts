import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connection } from "../connection/index.ts";
import type { MoneyFact, OrderFact, Purchase } from "../order/fact.ts";
import { factOf, type StoredEvent, type Told } from "./translate.ts";

/** A sale as anybody would tell it; each provider has its own shape for it. Amounts are minor units of EUR. */
export interface Sale {
  /** A whole number that no other sale has. */
  id: number;
  netMinor: number;
  discountMinor: number;
  taxMinor: number;
  shippingMinor: number;
  click: string | null;
  email: string | null;
  paid: boolean;
}

export type Message = Pick<StoredEvent, "type"> & { body: Record<string, unknown> };

export interface AdapterUnderTest {
  connection: Connection;
  sale(sale: Sale): Message;
  /** So much went back of it. */
  refund(sale: Sale, amountMinor: number): Message;
  /** The object in a message whose fields say something of the sale. */
  subject(body: Record<string, unknown>): Record<string, unknown>;
  /** Fields, as paths within the subject, of which absence means that there was none of it: then the base is another one. */
  absentMeansNone: RegExp;
}

/** Where every field of an object is, also within lists: `line_items.0.tax_lines`. */
function pathsOf(value: unknown, before: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...before, key];
    return [...(Array.isArray(value) ? [] : [path]), ...pathsOf(inner, path)];
  });
}

function without(object: Record<string, unknown>, path: readonly string[]): void {
  const place = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], object);
  delete (place as Record<string, unknown>)[path.at(-1)!];
}

const receivedAt = new Date("2026-07-01T10:00:00.000Z");
const kinds = new Set<Told["kind"]>([
  "purchase",
  "refund",
  "refunded_floor",
  "refunded_exact",
  "cancellation",
  "dispute",
  "warning",
  "link",
  "several",
  "subscription_start",
  "subscription_end",
  "privacy",
  "disconnected",
  "ignored",
  "unprocessable",
]);

export const sample: Sale = {
  id: 1001,
  netMinor: 8_500,
  discountMinor: 1_500,
  taxMinor: 1_615,
  shippingMinor: 500,
  click: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa",
  email: "anna@example.com",
  paid: true,
};

const sales = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 48 }),
  netMinor: fc.nat(10_000_000),
  discountMinor: fc.nat(1_000_000),
  taxMinor: fc.nat(2_000_000),
  shippingMinor: fc.nat(10_000),
  click: fc.constantFrom(null, sample.click),
  email: fc.constantFrom(null, sample.email),
  paid: fc.boolean(),
});

/** What Laurel counts on from every checkout's translator. */
export function testAdapter(name: string, of: AdapterUnderTest): void {
  const readBytes = (type: string, rawBody: Uint8Array): Told =>
    factOf(of.connection, { type, rawBody, receivedAt }, receivedAt);
  const read = ({ type, body }: Message) => readBytes(type, Buffer.from(JSON.stringify(body)));
  const factsOf = (told: Told): OrderFact[] =>
    told.kind === "several"
      ? told.facts
      : told.kind === "ignored" || told.kind === "unprocessable"
        ? []
        : [told as OrderFact];
  const purchaseOf = (told: Told) => factsOf(told).find((each) => each.kind === "purchase") as Purchase | undefined;

  describe(`Adapter: ${name}`, () => {
    test("a sale says the same of itself as everywhere, to the last unit", () => {
      fc.assert(
        fc.property(sales, (sale) => {
          const it = purchaseOf(read(of.sale(sale)))!;
          const grossMinor = sale.netMinor + sale.taxMinor + sale.shippingMinor;
          expect(it).toMatchObject({
            currency: "EUR",
            grossMinor,
            baseMinor: sale.netMinor,
            payment: sale.paid || grossMinor === 0 ? "paid" : "unpaid",
          });
          expect(it.signals).toMatchObject({ clickId: sale.click, email: sale.email });
          expect(it.baseLines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(it.baseMinor);
          expect(it.occurredAt <= receivedAt.toISOString()).toBe(true);
        }),
      );
    });

    test("a refund names the purchase that it belongs to, and what went back", () => {
      fc.assert(
        fc.property(sales, fc.nat(10_000_000), (any, amountMinor) => {
          const sale = { ...any, paid: true };
          const { aliases } = purchaseOf(read(of.sale(sale)))!;
          const money = factsOf(read(of.refund(sale, amountMinor))).filter(
            (each): each is MoneyFact => each.kind === "refund" || each.kind === "refunded_exact",
          );
          if (amountMinor === 0 && money.length === 0) return;
          expect(money.length).toBe(1);
          const [it] = money as [Extract<MoneyFact, { currency: string }>];
          expect(it.aliases.some((alias) => aliases.includes(alias))).toBe(true);
          expect(it).toMatchObject({ currency: "EUR" });
          expect(it.kind === "refund" ? it.amountMinor : it.kind === "refunded_exact" ? it.refundedMinor : -1).toBe(
            amountMinor,
          );
        }),
      );
    });

    test("the same event says the same, however its keys stand, and whenever it is read", () => {
      const message = of.sale(sample);
      const turned = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(turned)
          : typeof value === "object" && value !== null
            ? Object.fromEntries(
                Object.entries(value)
                  .reverse()
                  .map(([key, inner]) => [key, turned(inner)]),
              )
            : value;
      expect(read({ ...message, body: turned(message.body) as never })).toEqual(read(message));
      const later = new Date(receivedAt.getTime() + 86_400_000);
      const event = { type: message.type, rawBody: Buffer.from(JSON.stringify(message.body)), receivedAt };
      expect(factOf(of.connection, event, later)).toEqual(factOf(of.connection, event, receivedAt));
    });

    test("each field may be absent, null or rubbish: then it is left alone, or the event is not understood", () => {
      const rubbish = [undefined, null, "", "rubbish", -1, 0.5, 1e300, true, [], {}, [null], { id: {} }];
      for (const message of [of.sale(sample), of.refund(sample, 300)])
        for (const field of Object.keys(of.subject(message.body)))
          for (const value of rubbish) {
            const body = structuredClone(message.body);
            of.subject(body)[field] = value;
            const told = read({ ...message, body });
            expect(kinds.has(told.kind)).toBe(true);
            const it = purchaseOf(told);
            if (!it) continue;
            expect(it.baseMinor >= 0 && it.baseMinor <= it.grossMinor, `${field}: ${JSON.stringify(value)}`).toBe(true);
            expect(it.baseLines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(it.baseMinor);
            expect(it.aliases.every((alias) => /^[\w.:-]{1,255}$/.test(alias)) && it.aliases.length > 0).toBe(true);
          }
    });

    test("each field of the documented shape may be missing, at any depth: the same money, or a reason that is kept", () => {
      for (const message of [of.sale(sample), of.refund(sample, 300)]) {
        const moneyOf = (told: Told) =>
          factsOf(told).map((fact) => ({
            kind: fact.kind,
            ...("grossMinor" in fact ? { grossMinor: fact.grossMinor, baseMinor: fact.baseMinor } : {}),
            ...("amountMinor" in fact ? { amountMinor: fact.amountMinor } : {}),
            ...("refundedMinor" in fact ? { refundedMinor: fact.refundedMinor } : {}),
            ...("currency" in fact ? { currency: fact.currency } : {}),
          }));
        const whole = moneyOf(read(message));
        expect(whole.length).toBeGreaterThan(0);
        const differ: string[] = [];
        for (const path of pathsOf(of.subject(message.body))) {
          const body = structuredClone(message.body);
          without(of.subject(body), path);
          const told = read({ ...message, body });
          if (told.kind === "unprocessable" || told.kind === "ignored") {
            expect(told.why).toMatch(/^[A-Z].{10,}\.$/);
            continue;
          }
          const name = path.join(".");
          if (JSON.stringify(moneyOf(told)) !== JSON.stringify(whole) && !of.absentMeansNone.test(name))
            differ.push(name);
        }
        expect(differ).toEqual([]);
      }
    });

    test("any bytes at all are read without a throw, and what they say is not repeated", () => {
      const { type, body } = of.sale(sample);
      const any = (bytes: Uint8Array): void => {
        expect(kinds.has(readBytes(type, bytes).kind)).toBe(true);
      };
      fc.assert(fc.property(fc.uint8Array(), any));
      fc.assert(fc.property(fc.jsonValue(), (value) => any(Buffer.from(JSON.stringify(value)))));
      const keys = fc.constantFrom(...Object.keys(of.subject(body)));
      fc.assert(
        fc.property(fc.object({ key: keys, maxDepth: 3 }), (fields) => {
          const odd = structuredClone(body);
          Object.assign(of.subject(odd), fields);
          any(Buffer.from(JSON.stringify(odd)));
        }),
        { numRuns: 300 },
      );
      const secret = "<script>anna@example.com</script>";
      const odd = structuredClone(body);
      for (const field of Object.keys(of.subject(odd))) of.subject(odd)[field] = secret;
      const told = read({ type, body: odd });
      expect(told.kind).not.toBe("purchase");
      expect(JSON.stringify(told)).not.toContain("script");
    });

    test.each([
      "null",
      "[]",
      "5",
      '"x"',
      "{",
      " ",
      `${"[".repeat(5000)}${"]".repeat(5000)}`,
      `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
    ])("%.20s is not understood", (text) => {
      expect(readBytes(of.sale(sample).type, Buffer.from(text)).kind).toBe("unprocessable");
    });

    test("keys that mean something to JavaScript change nothing", () => {
      const message = of.sale(sample);
      const text = JSON.stringify(message.body).replace(
        /^\{/,
        '{"__proto__":{"polluted":1,"total":"0.01","total_price":"0.01"},"constructor":{"prototype":{"polluted":1}},',
      );
      expect(readBytes(message.type, Buffer.from(text))).toEqual(read(message));
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });
  });
}
