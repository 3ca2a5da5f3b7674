import { createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "@laurel/core/kernel";
import type { CouponSpec, PromotionCode, StripeGateway, StripeWebhook } from "../../core/src/gateway/stripe/port.ts";

type Json = Record<string, unknown>;

/** A Stripe account in memory, behind the gateway's port: it remembers what it was asked and refuses what Stripe refuses. */
export interface RecordingStripe extends StripeGateway {
  /** Every call, oldest first. */
  calls: { name: keyof StripeGateway; connectionId: string; input: unknown }[];
  coupons: Map<string, CouponSpec>;
  promotionCodes: Map<string, PromotionCode>;
  /** What is found by asking: any object by its path, sessions, invoices by id, and which payment pays which invoice. */
  objects: Map<string, Json>;
  sessions: Json[];
  invoices: Map<string, Json>;
  invoicePayments: Json[];
  /** What `listEvents` finds, newest first. */
  events: Json[];
  /** How many of them make a page; 100 as at Stripe. */
  eventsAPage: number;
  /** Webhook endpoints by id; the account of each is that of the key it was made with. */
  webhooks: Map<string, StripeWebhook & { secret: string; account: string }>;
  /** The next call fails with this error, instead of being done. */
  failNext(error: Error): void;
  /** The next call is done, and then fails: its answer was lost. */
  loseNext(error?: Error): void;
  /** The `Stripe-Signature` header of a body. `at` is epoch seconds, now by default. */
  sign(body: string, secret: string, at?: number): string;
}

const lost = () => new AppError("unavailable", "stripe.unavailable", "The checkout does not answer.");

const isWithin = (createdS: number, { since, until }: { since: Date; until: Date }): boolean =>
  createdS * 1000 >= since.getTime() - 999 && createdS * 1000 <= until.getTime();

export function recordingStripe(): RecordingStripe {
  const calls: RecordingStripe["calls"] = [];
  const coupons = new Map<string, CouponSpec>();
  const promotionCodes = new Map<string, PromotionCode>();
  const webhooks: RecordingStripe["webhooks"] = new Map();
  const answers = new Map<string, PromotionCode>();
  const objects: RecordingStripe["objects"] = new Map();
  const sessions: Json[] = [];
  const invoices: RecordingStripe["invoices"] = new Map();
  const invoicePayments: Json[] = [];
  const events: Json[] = [];
  let made = 0;
  const before: Error[] = [];
  const after: Error[] = [];

  async function call<T>(name: keyof StripeGateway, connectionId: string, input: unknown, work: () => T): Promise<T> {
    calls.push({ name, connectionId, input });
    const failure = before.shift();
    if (failure) throw failure;
    const result = work();
    const loss = after.shift();
    if (loss) throw loss;
    return structuredClone(result);
  }

  const activeOf = (code: string) =>
    [...promotionCodes.values()].find((each) => each.active && each.code.toUpperCase() === code.toUpperCase());

  const macOf = (body: Uint8Array | string, secret: string, at: string) =>
    createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex");

  const self: RecordingStripe = {
    calls,
    coupons,
    promotionCodes,
    objects,
    sessions,
    invoices,
    invoicePayments,
    events,
    eventsAPage: 100,
    webhooks,
    failNext: (error) => void before.push(error),
    loseNext: (error = lost()) => void after.push(error),
    sign: (body, secret, at = Math.floor(Date.now() / 1000)) => `t=${at},v1=${macOf(body, secret, String(at))}`,
    ensureCoupon: ({ id: connectionId }, coupon) =>
      call("ensureCoupon", connectionId, coupon, () => {
        if (!coupons.has(coupon.id)) coupons.set(coupon.id, coupon);
      }),
    findPromotionCode: ({ id: connectionId }, code) =>
      call("findPromotionCode", connectionId, code, () => activeOf(code)),
    createPromotionCode: ({ id: connectionId }, input) =>
      call("createPromotionCode", connectionId, input, () => {
        const replayed = answers.get(input.idempotencyKey);
        if (replayed) return replayed;
        if (!coupons.has(input.couponId))
          throw new AppError("rejected", "stripe.rejected", `No such coupon: '${input.couponId}'`);
        if (activeOf(input.code))
          throw new AppError(
            "rejected",
            "stripe.rejected",
            `An active promotion code with \`code: ${input.code}\` already exists.`,
          );
        const made: PromotionCode = {
          id: `promo_test${String(promotionCodes.size + 1).padStart(6, "0")}`,
          code: input.code,
          active: true,
          couponId: input.couponId,
          metadata: { ...input.metadata },
        };
        promotionCodes.set(made.id, made);
        answers.set(input.idempotencyKey, structuredClone(made));
        return made;
      }),
    setPromotionCodeActive: ({ id: connectionId }, id, active) =>
      call("setPromotionCodeActive", connectionId, { id, active }, () => {
        const found = promotionCodes.get(id);
        if (!found) throw new AppError("rejected", "stripe.rejected", `No such promotion code: '${id}'`);
        if (active && !coupons.has(found.couponId))
          throw new AppError(
            "rejected",
            "stripe.rejected",
            "This promotion code's coupon is no longer valid, so it cannot be activated.",
          );
        found.active = active;
        return found;
      }),
    getPromotionCode: ({ id: connectionId }, id) =>
      call("getPromotionCode", connectionId, id, () => promotionCodes.get(id)),
    verifySignature: async (rawBody, header, secret) => {
      const parts = header.split(",").map((part) => part.split("=", 2) as [string, string?]);
      const at = parts.find(([name]) => name === "t")?.[1];
      if (!at || Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
      const expected = Buffer.from(macOf(rawBody, secret, at));
      return parts.some(([name, value]) => {
        const given = Buffer.from(value ?? "");
        return name === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
    getObject: (of, path) => call("getObject", of.id, path, () => objects.get(path)),
    getInvoice: (of, id) => call("getInvoice", of.id, id, () => invoices.get(id)),
    findSessions: (of, by) =>
      call("findSessions", of.id, by, () =>
        sessions.filter((each) =>
          "subscription" in by ? each.subscription === by.subscription : each.payment_intent === by.paymentIntent,
        ),
      ),
    findInvoicePayments: (of, by) =>
      call("findInvoicePayments", of.id, by, () =>
        invoicePayments.filter((each) =>
          "invoice" in by
            ? each.invoice === by.invoice
            : (each.payment as Json | undefined)?.payment_intent === by.paymentIntent,
        ),
      ),
    listEvents: (of, by) =>
      call("listEvents", of.id, by, () => {
        const from = by.after === undefined ? 0 : events.findIndex(({ id }) => id === by.after) + 1;
        const found = events
          .slice(from)
          .filter(({ type, created }) => by.types.includes(type as string) && isWithin(created as number, by));
        const page = found.slice(0, self.eventsAPage);
        return { events: page, ...(found.length > page.length ? { next: page.at(-1)!.id as string } : {}) };
      }),
    withKey: (apiKey) => {
      // `sk_test_shop1`, `rk_live_shop1`: keys of one account, in two modes.
      const [, , account = ""] = apiKey.split("_");
      const livemode = apiKey.includes("_live_");
      const of = <T>(question: string, work: () => T) =>
        call("withKey", account, question, () => {
          if (account.startsWith("wrong"))
            throw new AppError("rejected", "stripe.rejected", "Stripe does not accept the API key.");
          return work();
        });
      return {
        account: () =>
          of("account", () => {
            if (account.startsWith("hidden"))
              throw new AppError("rejected", "stripe.account_hidden", "This key may not read its account.");
            return { id: `acct_${account}`, name: `Shop ${account}` };
          }),
        webhooks: () =>
          of("webhooks", () =>
            [...webhooks.values()].filter((each) => each.account === account && each.livemode === livemode),
          ),
        createWebhook: ({ url, connectionId }) =>
          of("createWebhook", () => {
            const id = `we_test${++made}`;
            const webhook = { id, url, livemode, enabled: true, connectionId, account, secret: `whsec_${id}` };
            webhooks.set(id, webhook);
            return webhook;
          }),
        deleteWebhook: (id) => of(`deleteWebhook ${id}`, () => void webhooks.delete(id)),
      };
    },
  };
  return self;
}
