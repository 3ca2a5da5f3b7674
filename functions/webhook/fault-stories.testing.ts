import type { ShopifyStandIn } from "../../packages/local/src/shopify/index.ts";
import type { StripeStandIn } from "../../packages/local/src/stripe/index.ts";
import type { StripeSdk } from "../../packages/local/src/stripe/testing.ts";
import type { WooStandIn } from "../../packages/local/src/woocommerce/index.ts";

/* What buyers and shops do, and what it should come to: the model, written apart from the program. */

/** An ambassador with a code that is live at all three checkouts. */
export interface Seller {
  id: string;
  code: string;
  promotionCodeId: string;
  /** Promotion codes of the same text that Laurel has not been told of. */
  spare: string[];
  click: string;
  rateBp: number;
}

/** The three checkouts, as a merchant and a buyer reach them: nothing goes wrong there. */
export interface Shops {
  stripe: { stripe: StripeSdk; standIn: StripeStandIn; apiKey: string };
  shopify: ShopifyStandIn;
  woocommerce: WooStandIn;
  domain: string;
  url: string;
  spare(seller: Seller): string;
  /** The payment of an invoice. */
  paymentOf(invoiceId: string): Promise<string>;
  /** Lets others go on, and the clock. */
  pause(): Promise<void>;
}

/** Whose a sale is, by which signal. */
export type By = "code" | "code that must be looked up" | "click" | "nothing";

interface OfSale {
  by: By;
  seller: Seller;
  /** Prices are multiples of 20.00, so that every discount and tax is a whole number of cents. */
  twenties: number;
  email: string;
}
export type SaleStory = OfSale &
  (
    | { kind: "stripe"; pays: "at once" | "slowly" | "never"; refunds: Back[]; dispute: (keyof typeof outBy)[] }
    | { kind: "subscription"; trial: boolean; renewals: number; refunds: Back[]; dispute: (keyof typeof outBy)[] }
    | { kind: "shopify"; pays: "at once" | "slowly" | "called off"; refunds: Back[] }
    | { kind: "woocommerce"; pays: "at once" | "slowly" | "called off"; refunds: Back[] }
  );
/** So many hundredths of all go back, unless that comes to nothing in the end (a bank sends it back, a refund is deleted). */
interface Back {
  share: number;
  stays: boolean;
}

/** How much of what is disputed is withdrawn once a status is reached. */
const outBy = {
  warning_needs_response: 0,
  warning_closed: 0,
  needs_response: 1,
  under_review: 1,
  lost: 1,
  appeal_under_review: 1,
  won: 0,
} as const;
const disputes: (keyof typeof outBy)[][] = [
  ["needs_response"],
  ["needs_response", "won"],
  ["needs_response", "under_review", "lost"],
  ["needs_response", "lost", "appeal_under_review", "won"],
  ["warning_needs_response"],
  ["warning_needs_response", "warning_closed"],
];

export function storyOf(n: number, chance: () => number, sellers: readonly Seller[]): SaleStory {
  const upTo = (count: number): number => Math.floor(chance() * count);
  const pick = <T>(of: readonly T[]): T => of[upTo(of.length)]!;
  const backs = (most: number): Back[] =>
    Array.from({ length: chance() < 0.5 ? 0 : 1 + upTo(most) }, () => ({ share: 5 + upTo(45), stays: chance() < 0.8 }));
  const of: OfSale = {
    by: pick<By>(["code", "code", "code", "click", "nothing"]),
    seller: pick(sellers),
    twenties: 1 + upTo(40),
    email: `buyer${n}@example.com`,
  };
  const dispute = chance() < 0.25 ? pick(disputes) : [];
  const kind = pick(["stripe", "stripe", "subscription", "shopify", "woocommerce"] as const);
  switch (kind) {
    case "stripe":
      return {
        ...of,
        kind,
        pays: pick(["at once", "at once", "at once", "slowly", "never"]),
        refunds: backs(2),
        dispute,
      };
    case "subscription":
      return {
        ...of,
        kind,
        by: of.by === "code" && chance() < 0.4 ? "code that must be looked up" : of.by,
        trial: chance() < 0.2,
        renewals: upTo(3),
        refunds: backs(2),
        dispute,
      };
    default:
      return { ...of, kind, pays: pick(["at once", "at once", "slowly", "called off"]), refunds: backs(2) };
  }
}

/** What one order should come to in the end. */
export interface Expected {
  /** The id by which the checkout knows it. */
  alias: string;
  ambassadorId: string | undefined;
  payment: "unpaid" | "failed" | "paid";
  grossMinor: number;
  baseMinor: number;
  refundedMinor: number;
  disputedMinor: number;
  /** What is left of the commission. */
  leftMinor: number;
  held: boolean;
}

interface Sold {
  alias: string;
  grossMinor: number;
  baseMinor: number;
  payment?: Expected["payment"];
  refundedMinor?: number;
  /** What is disputed, and the statuses that it went through. */
  disputedMinor?: number;
  dispute?: (keyof typeof outBy)[];
}

/** By the history of a sale alone, in exact fractions. */
function expectedOf(ambassadorId: string | undefined, rateBp: number, sold: Sold): Expected {
  const { alias, grossMinor, baseMinor, payment = "paid", refundedMinor = 0, dispute = [] } = sold;
  const out = (sold.disputedMinor ?? 0) * (dispute.length > 0 ? outBy[dispute.at(-1)!] : 0);
  const gone = Math.min(grossMinor, refundedMinor + out);
  const baseLeft = grossMinor === 0 ? 0n : (BigInt(baseMinor) * BigInt(grossMinor - gone)) / BigInt(grossMinor);
  return {
    alias,
    ambassadorId,
    payment,
    grossMinor,
    baseMinor,
    refundedMinor,
    disputedMinor: gone - refundedMinor,
    leftMinor: ambassadorId && payment === "paid" ? Number((baseLeft * BigInt(rateBp) * 2n + 10_000n) / 20_000n) : 0,
    held: dispute.at(-1) === "warning_needs_response",
  };
}

/** Lets a sale happen at its checkout, step by step. The webhooks are the checkout's affair. */
export async function happen(story: SaleStory, shops: Shops): Promise<Expected[]> {
  const { seller, by, twenties, email } = story;
  const owner = by === "nothing" ? undefined : seller.id;
  const fullMinor = twenties * 2_000;
  const byCode = by === "code" || by === "code that must be looked up";
  const netMinor = byCode ? twenties * 1_700 : fullMinor;
  const click = by === "click" ? seller.click : undefined;
  const tell = (sold: Sold) => expectedOf(owner, seller.rateBp, sold);

  if (story.kind === "stripe") {
    const { stripe, standIn, apiKey } = shops.stripe;
    const made = await stripe.checkout.sessions.create({
      mode: "payment",
      success_url: "https://shop.example/thanks",
      line_items: [
        { quantity: 1, price_data: { currency: "eur", unit_amount: fullMinor, product_data: { name: "Goods" } } },
      ],
      ...(byCode ? { discounts: [{ promotion_code: seller.promotionCodeId }] } : {}),
      ...(click ? { client_reference_id: click } : {}),
    });
    const { session } = await standIn.complete(apiKey, made.id, { email, delayed: story.pays !== "at once" });
    const sold: Sold = { alias: made.id, grossMinor: netMinor, baseMinor: netMinor };
    if (story.pays === "never") {
      await standIn.settlePayment(apiKey, made.id, false);
      return [tell({ ...sold, payment: "failed" })];
    }
    if (story.pays === "slowly") await standIn.settlePayment(apiKey, made.id, true);
    return [tell({ ...sold, ...(await afterwards(shops, session.payment_intent as string, netMinor, story)) })];
  }

  if (story.kind === "subscription") {
    const { standIn, apiKey } = shops.stripe;
    const taxMinor = twenties * 380;
    const promotionCode = by === "code" ? seller.promotionCodeId : shops.spare(seller);
    const begun = await standIn.subscribe(apiKey, {
      currency: "eur",
      subtotal: fullMinor,
      tax: taxMinor,
      email,
      trial: story.trial,
      ...(byCode ? { promotionCode, discount: twenties * 300 } : {}),
      ...(click ? { clientReferenceId: click } : {}),
    });
    const first = story.trial
      ? { grossMinor: 0, baseMinor: 0 }
      : { grossMinor: netMinor + taxMinor, baseMinor: netMinor };
    const all: Sold[] = [{ alias: begun.invoice as string, ...first }];
    for (let n = 0; n < story.renewals; n++) {
      const invoice = await standIn.renew(apiKey, begun.subscription as string);
      all.push({ alias: invoice.id!, grossMinor: fullMinor + taxMinor, baseMinor: fullMinor });
    }
    const last = all.at(-1)!;
    if (last.grossMinor > 0)
      Object.assign(last, await afterwards(shops, await shops.paymentOf(last.alias), last.grossMinor, story));
    return all.map(tell);
  }

  const { domain, url, shopify, woocommerce } = shops;
  const taxMinor = (netMinor * 19) / 100;
  const grossMinor = netMinor + taxMinor;
  const goods = { title: "Goods", name: "Goods", priceMinor: fullMinor, quantity: 1 };
  const code = byCode ? seller.code : undefined;
  const wish = { lines: [goods], email, click, paid: story.pays === "at once" };
  const isShopify = story.kind === "shopify";
  const { id } = isShopify
    ? shopify.placeOrder(domain, { ...wish, code })
    : woocommerce.placeOrder(url, { ...wish, coupon: code });
  await shops.pause();
  const sold: Sold = { alias: `order_${id}`, grossMinor, baseMinor: netMinor };
  if (story.pays === "called off") {
    if (isShopify) shopify.cancelOrder(domain, id);
    else woocommerce.setStatus(url, id, "cancelled");
    return [tell({ ...sold, payment: "unpaid" })];
  }
  if (story.pays === "slowly") isShopify ? shopify.payOrder(domain, id) : woocommerce.payOrder(url, id);
  let refundedMinor = 0;
  for (const { share, stays } of story.refunds) {
    await shops.pause();
    const amount = Math.min(grossMinor - refundedMinor, Math.ceil((grossMinor * share) / 100));
    if (amount === 0) continue;
    if (isShopify) shopify.refund(domain, id, amount);
    else {
      const refund = woocommerce.refund(url, id, amount).refunds.at(-1)!;
      if (!stays) {
        await shops.pause();
        woocommerce.deleteRefund(url, id, refund.id);
        continue;
      }
    }
    refundedMinor += amount;
  }
  return [tell({ ...sold, refundedMinor })];
}

/** What becomes of a payment at Stripe: refunds, some of which fail later, and a dispute. */
async function afterwards(
  { stripe: { stripe, standIn, apiKey } }: Shops,
  paymentIntent: string,
  grossMinor: number,
  { refunds, dispute }: Extract<SaleStory, { dispute: unknown }>,
): Promise<Pick<Sold, "refundedMinor" | "disputedMinor" | "dispute">> {
  let refundedMinor = 0;
  for (const { share, stays } of refunds) {
    const amount = Math.min(grossMinor - refundedMinor, Math.ceil((grossMinor * share) / 100));
    if (amount === 0) continue;
    const refund = await stripe.refunds.create({ payment_intent: paymentIntent, amount });
    if (stays) refundedMinor += amount;
    else await standIn.settleRefund(apiKey, refund.id, false);
  }
  const [first, ...steps] = dispute;
  if (!first) return { refundedMinor };
  const disputedMinor = Math.ceil(grossMinor / 2);
  const inquiry = first.startsWith("warning_");
  const { id } = await standIn.dispute(apiKey, { paymentIntent, amount: disputedMinor, inquiry });
  for (const status of steps) await standIn.moveDispute(apiKey, id, status);
  return { refundedMinor, disputedMinor, dispute };
}
