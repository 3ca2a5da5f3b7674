import type Stripe from "stripe";
import type { StripeStandIn } from "../stripe/index.ts";
import { totalsOf } from "../stripe/totals.ts";
import type { Basket } from "./basket.ts";
import { type Currency, pricedLine, products, terms } from "./products.ts";

export interface Quote {
  lines: { name: string; quantity: number; subtotal: number }[];
  subtotal: number;
  discount: number;
  tax: number;
  shipping: number;
  total: number;
  /** What a commission is counted on: after discount, without tax and shipping. */
  base: number;
  code:
    | { text: string; state: "applied"; id: string; percentOff: number | null }
    | { text: string; state: "unknown" }
    | undefined;
}

export interface Purchase {
  session: Stripe.Checkout.Session;
  lines: Stripe.LineItem[];
  charge: Stripe.Charge | undefined;
  refunds: Stripe.Refund[];
  codeText: string | undefined;
}

/** The shop's side of the checkout, through Stripe's own SDK as in any shop. */
export function openTill(parts: { standIn: StripeStandIn; apiKey: string; apiBase: string; shopUrl: string }) {
  const { standIn, apiKey } = parts;
  const { hostname, port } = new URL(parts.apiBase);
  let opened: Promise<Stripe> | undefined;
  /** The SDK is loaded by the first visitor, since a start should not wait for it. */
  const open = (): Promise<Stripe> => {
    opened ??= import("stripe").then(
      ({ default: Sdk }) =>
        new Sdk(apiKey, {
          host: hostname,
          port,
          protocol: "http",
          telemetry: false,
          maxNetworkRetries: 1,
          timeout: 10_000,
        }),
    );
    return opened;
  };

  async function findCode(text: string) {
    if (!text) return undefined;
    const stripe = await open();
    const { data } = await stripe.promotionCodes.list({
      code: text,
      active: true,
      limit: 1,
      expand: ["data.promotion.coupon"],
    });
    const coupon = data[0]?.promotion.coupon;
    return data[0] && coupon && typeof coupon === "object" ? { id: data[0].id, coupon } : undefined;
  }

  async function quote(basket: Basket): Promise<Quote> {
    const { currency } = basket;
    const chosen = products
      .filter(({ sku }) => (basket.items[sku] ?? 0) > 0)
      .map((product) => ({ product, quantity: basket.items[product.sku]! }));
    const code = await findCode(basket.code);
    const percentOff = code?.coupon.percent_off ?? null;
    const offer =
      percentOff !== null
        ? { percentOff }
        : code?.coupon.amount_off
          ? { amountOff: code.coupon.amount_off }
          : undefined;
    const shipping = chosen.length ? terms[currency].shipping : 0;
    const totals = totalsOf(
      chosen.map(({ product, quantity }) => pricedLine(product, quantity, currency)),
      offer,
      shipping,
    );
    return {
      lines: chosen.map(({ product, quantity }, at) => ({
        name: product.name,
        quantity,
        subtotal: totals.lines[at]!.subtotal,
      })),
      subtotal: totals.subtotal,
      discount: totals.discount,
      tax: totals.tax,
      shipping,
      total: totals.total,
      base: totals.total - totals.tax - shipping,
      code: !basket.code
        ? undefined
        : code
          ? { text: basket.code, state: "applied", id: code.id, percentOff }
          : { text: basket.code, state: "unknown" },
    };
  }

  async function taxRateOf(currency: Currency): Promise<string> {
    const { tax } = terms[currency];
    const stripe = await open();
    const rates = await stripe.taxRates.list({ active: true, inclusive: tax.inclusive, limit: 100 });
    const known = rates.data.find((rate) => rate.percentage === tax.percentage && rate.display_name === tax.name);
    return (
      known?.id ??
      (await stripe.taxRates.create({ display_name: tax.name, percentage: tax.percentage, inclusive: tax.inclusive }))
        .id
    );
  }

  /** Makes the checkout and pays it; resolves once every webhook of it was tried. */
  async function pay(basket: Basket): Promise<string> {
    const currency = basket.currency.toLowerCase();
    const { code } = await quote(basket);
    const taxRate = await taxRateOf(basket.currency);
    const stripe = await open();
    const session = await stripe.checkout.sessions.create({
      mode: "payment",
      line_items: products
        .filter(({ sku }) => (basket.items[sku] ?? 0) > 0)
        .map((product) => ({
          quantity: basket.items[product.sku]!,
          tax_rates: [taxRate],
          price_data: { currency, unit_amount: product.price[basket.currency], product_data: { name: product.name } },
        })),
      ...(code?.state === "applied" ? { discounts: [{ promotion_code: code.id }] } : {}),
      ...(basket.click ? { client_reference_id: basket.click } : {}),
      customer_email: basket.email,
      shipping_options: [
        {
          shipping_rate_data: {
            display_name: "Parcel",
            type: "fixed_amount",
            fixed_amount: { amount: terms[basket.currency].shipping, currency },
          },
        },
      ],
      metadata: { shop: "Laurel demo shop" },
      success_url: `${parts.shopUrl}/thanks`,
      cancel_url: parts.shopUrl,
    });
    await standIn.complete(apiKey, session.id, {
      email: basket.email,
      name: "Casey Customer",
      country: "DE",
      delayed: basket.delayed,
    });
    return session.id;
  }

  async function read(session: Stripe.Checkout.Session): Promise<Purchase> {
    const intentId = session.payment_intent as string | null;
    const stripe = await open();
    const [lines, intent, refunds, code] = await Promise.all([
      stripe.checkout.sessions.listLineItems(session.id),
      intentId ? stripe.paymentIntents.retrieve(intentId, { expand: ["latest_charge"] }) : undefined,
      intentId ? stripe.refunds.list({ payment_intent: intentId, limit: 100 }) : undefined,
      codeOf(session),
    ]);
    return {
      session,
      lines: lines.data,
      charge: (intent?.latest_charge ?? undefined) as Stripe.Charge | undefined,
      refunds: refunds?.data ?? [],
      codeText: code,
    };
  }

  async function codeOf(session: Stripe.Checkout.Session): Promise<string | undefined> {
    const id = session.discounts?.[0]?.promotion_code;
    return typeof id === "string" ? (await (await open()).promotionCodes.retrieve(id)).code : undefined;
  }

  return {
    quote,
    pay,
    purchase: async (id: string) => read(await (await open()).checkout.sessions.retrieve(id)),
    async purchases(limit: number): Promise<Purchase[]> {
      const { data } = await (await open()).checkout.sessions.list({ status: "complete", limit });
      return Promise.all(data.map(read));
    },
    /** @param amount minor units; all that is left without it */
    async refund(purchase: Purchase, amount?: number): Promise<void> {
      const refund = await (await open()).refunds.create({
        payment_intent: purchase.session.payment_intent as string,
        reason: "requested_by_customer",
        ...(amount === undefined ? {} : { amount }),
      });
      await standIn.deliveriesOf(apiKey, refund.lastResponse.requestId);
    },
    settlePayment: (id: string, succeeded: boolean) => standIn.settlePayment(apiKey, id, succeeded),
    settleRefund: (id: string, succeeded: boolean) => standIn.settleRefund(apiKey, id, succeeded),
    again: (eventId: string) => standIn.deliver(apiKey, eventId),
    history: ({ session, charge, refunds }: Purchase) =>
      standIn.historyOf(apiKey, [
        session.id,
        ...(charge ? [charge.id, charge.payment_intent as string] : []),
        ...refunds.map(({ id }) => id),
      ]),
  };
}
