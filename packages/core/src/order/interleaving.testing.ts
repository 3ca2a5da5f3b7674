import fc from "fast-check";
import {
  event,
  type Purchase,
  providerId,
  purchase,
  refund,
  type StripeEvent,
  session,
} from "../../../local/testing/checkout.ts";
import {
  type Billed,
  beginning,
  billed,
  dispute,
  invoice,
  invoicePayment,
  type Rendering,
  renderings,
} from "../../../local/testing/renderings.ts";

/** What one payment goes through, beyond being paid. */
export interface PaymentStory {
  total: number;
  /** Of each, hundredths of the total, and whether it failed in the end. */
  refunds: { share: number; fails: boolean }[];
  /** The statuses of a dispute, in the order of time; none for none. What is withdrawn and given back follows from them. */
  dispute: (keyof typeof moves)[];
  /** Hundredths of the total that are disputed. */
  disputedShare: number;
  /** The dispute names the charge alone, as it did once; which payment that was of can be asked. */
  disputeByCharge: boolean;
  /** The card's issuer warned of it. */
  warned: boolean;
}

export interface SaleStory {
  rendering: Rendering;
  kind: "payment" | "payment with an invoice" | "subscription";
  /** By which signal it is somebody's; by none it is nobody's. */
  by: "code" | "code that must be looked up" | "click" | "nothing";
  pays: "at once" | "slowly" | "never";
  /** The first, and of a subscription its renewals. */
  payments: PaymentStory[];
  /** The event of the checkout never came; the checkout can be asked. Only where an invoice tells of the money. */
  checkoutLost: boolean;
  /** Where the account is old enough, the code is told on the invoice alone. */
  codeOnInvoice: boolean;
  /** The account does not tell which payment paid which invoice; it can be asked. */
  linksUntold: boolean;
  /** Whether the account also tells the sums of refunds, or of failures and sums alone. */
  sums: "too" | "only" | "never";
  /** Whether events carry their objects, or only name them; `twice` where the account has a webhook of each kind. */
  told: "whole" | "thin" | "twice";
}

export interface Story {
  /** Months for which a subscription earns: 0 the first payment only, null for ever. */
  renewalMonths: number | null;
  sales: SaleStory[];
  chance: number;
}

/** A status, and what stands withdrawn once it is reached, in hundredths of what is disputed. */
const moves = {
  warning_needs_response: 0,
  warning_under_review: 0,
  warning_closed: 0,
  needs_response: 100,
  under_review: 100,
  won: 0,
  "won in part": 40,
  lost: 100,
  appeal_needs_response: 100,
  appeal_under_review: 100,
  prevented: 0,
  teleported: 0,
} as const;

const disputes: (keyof typeof moves)[][] = [
  [],
  [],
  [],
  ["warning_needs_response"],
  ["warning_needs_response", "warning_under_review", "warning_closed"],
  ["warning_needs_response", "needs_response"],
  ["needs_response", "under_review", "won"],
  ["needs_response", "under_review", "won in part"],
  ["needs_response", "lost"],
  ["needs_response", "lost", "appeal_needs_response", "appeal_under_review", "won"],
  ["needs_response", "lost", "appeal_needs_response"],
  ["prevented"],
  ["teleported"],
];

const payment: fc.Arbitrary<PaymentStory> = fc.record({
  total: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 300_000 })),
  refunds: fc.array(fc.record({ share: fc.integer({ min: 1, max: 60 }), fails: fc.boolean() }), { maxLength: 2 }),
  dispute: fc.constantFrom(...disputes),
  disputedShare: fc.constantFrom(100, 100, 30),
  disputeByCharge: fc.boolean(),
  warned: fc.integer({ min: 0, max: 7 }).map((each) => each === 0),
});

const sale: fc.Arbitrary<SaleStory> = fc
  .record({
    rendering: fc.constantFrom(...renderings),
    kind: fc.constantFrom<SaleStory["kind"][]>("payment", "payment with an invoice", "subscription", "subscription"),
    by: fc.constantFrom<SaleStory["by"][]>("code", "code", "code that must be looked up", "click", "nothing"),
    pays: fc.constantFrom<SaleStory["pays"][]>("at once", "at once", "slowly", "never"),
    payments: fc.array(payment, { minLength: 1, maxLength: 3 }),
    /** Nothing is to pay at first: a trial, or a code that takes all of it off. */
    free: fc.integer({ min: 0, max: 2 }).map((each) => each === 0),
    checkoutLost: fc.boolean(),
    codeOnInvoice: fc.boolean(),
    linksUntold: fc.boolean(),
    sums: fc.constantFrom<SaleStory["sums"][]>("too", "only", "never"),
    told: fc.constantFrom<SaleStory["told"][]>("whole", "whole", "whole", "thin", "twice"),
  })
  .map(({ free, ...each }) => {
    const { kind } = each;
    const [first, ...others] = each.payments as [PaymentStory, ...PaymentStory[]];
    const nothing = { total: 0, refunds: [], dispute: [], warned: false };
    const start = free ? { ...first, ...nothing } : first;
    return {
      ...each,
      payments: kind === "subscription" ? [start, ...others] : [start],
      pays: kind === "payment" && start.total > 0 ? each.pays : "at once",
      // A checkout over nothing has no payment by which it could be asked for, unless a subscription names it.
      checkoutLost: each.checkoutLost && (kind === "subscription" || (kind !== "payment" && start.total > 0)),
    };
  });

export const stories: fc.Arbitrary<Story> = fc.record({
  renewalMonths: fc.constantFrom(0, 1, null),
  sales: fc.array(sale, { minLength: 1, maxLength: 4 }),
  chance: fc.nat(2 ** 31 - 1),
});

/** Days after the beginning at which the payments of a subscription are made: the second within a month, the third after it. */
const paymentDays = [0, 20, 45];

/** One payment with the ids by which it is told. */
export interface Paying {
  story: PaymentStory;
  of: Billed;
  at: Date;
}

export interface Sale {
  story: SaleStory;
  /** The ids of its checkout. */
  of: Purchase;
  payings: Paying[];
}

export function saleOf(story: SaleStory, begins: Date): Sale {
  const of = purchase(begins, { totalMinor: story.payments[0]!.total });
  const subscription = story.kind === "subscription" ? `sub_${of.session}` : undefined;
  const payings = story.payments.map((each, n): Paying => {
    const at = new Date(begins.getTime() + paymentDays[n]! * 86_400_000);
    const ids = n === 0 ? { paymentIntent: of.paymentIntent, charge: of.charge } : {};
    const reason = subscription ? (n === 0 ? "subscription_create" : "subscription_cycle") : "manual";
    return { story: each, at, of: billed(at, { ...ids, subscription, reason, totalMinor: each.total }) };
  });
  return { story, of, payings };
}

/** How the shop's signals stand on a checkout. */
export interface Signals {
  promotionCode: string | undefined;
  click: string | undefined;
}

/** Accounts of before 2025 tell no discount in the events of a session; one that makes an invoice has it there. */
const namesCodeOnInvoice = ({ rendering, kind, codeOnInvoice }: SaleStory): boolean =>
  rendering === "acacia" && kind !== "payment" && codeOnInvoice;

const discountOf = ({ story }: Sale, { promotionCode }: Signals): Record<string, unknown> =>
  namesCodeOnInvoice(story) && promotionCode ? { discount: { promotion_code: promotionCode } } : {};

/** The session as the API has it, which is how its event carries it. */
export function checkoutOf({ story, of, payings }: Sale, signals: Signals, paid = true): Record<string, unknown> {
  const more = {
    discounts: signals.promotionCode ? [{ coupon: null, promotion_code: signals.promotionCode }] : [],
    client_reference_id: signals.click ?? null,
  };
  const { of: bill } = payings[0]!;
  if (story.kind === "subscription") return { ...beginning(bill, story.rendering, more), id: of.session };
  const tax = Math.floor(of.totalMinor / 5);
  return session(of, {
    ...more,
    payment_status: of.totalMinor === 0 ? "no_payment_required" : paid ? "paid" : "unpaid",
    payment_intent: of.totalMinor === 0 ? null : of.paymentIntent,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: tax },
    invoice: story.kind === "payment with an invoice" ? bill.invoice : null,
  });
}

/** What Stripe can be asked for where its events do not tell it. */
interface Asked {
  links: Billed[];
  checkout: boolean;
  /** By their path, as they are in the end. */
  objects: Map<string, Record<string, unknown>>;
}

/** Everything that Stripe tells of a sale, and what it can be asked for where it does not. */
export function told(sale: Sale, signals: Signals): { events: StripeEvent[]; asked: Asked } {
  const { events, links } = toldWhole(sale, signals);
  const { story, payings } = sale;
  const objects: Asked["objects"] = new Map();
  if (story.told !== "whole") for (const each of events) objects.set(pathOf(each), each.data.object);
  for (const paying of payings) objects.set(`/v1/charges/${paying.of.charge}`, chargeOf(paying));
  const thin = story.told === "whole" ? [] : events.map(thinOf);
  return {
    events: story.told === "thin" ? thin : [...events, ...thin],
    asked: { links, checkout: story.checkoutLost, objects },
  };
}

const paths: Record<string, string> = {
  "checkout.session": "checkout/sessions",
  "radar.early_fraud_warning": "radar/early_fraud_warnings",
};
const pathOf = ({ data: { object } }: StripeEvent): string =>
  `/v1/${paths[object.object as string] ?? `${object.object}s`}/${object.id}`;

/** The same event without its object (https://docs.stripe.com/event-destinations). */
function thinOf(whole: StripeEvent): StripeEvent {
  const { data, livemode, type } = whole;
  return {
    id: providerId("evt_thin"),
    object: "v2.core.event",
    type: `v1.${type}`,
    created: new Date(whole.created * 1_000).toISOString(),
    livemode,
    related_object: { id: data.object.id, type: data.object.object, url: pathOf(whole) },
  } as never;
}

function toldWhole(sale: Sale, signals: Signals): { events: StripeEvent[]; links: Billed[] } {
  const { story, of, payings } = sale;
  const events: StripeEvent[] = [];
  const links: Billed[] = [];
  const start = Math.floor(of.at.getTime() / 1000);
  if (!story.checkoutLost) {
    const untold = namesCodeOnInvoice(story) ? { discounts: undefined } : {};
    const now = { ...checkoutOf(sale, signals, story.pays === "at once"), ...untold };
    events.push(event("checkout.session.completed", now, start));
    if (story.pays === "slowly")
      events.push(event("checkout.session.async_payment_succeeded", checkoutOf(sale, signals), start + 5));
    if (story.pays === "never")
      events.push(event("checkout.session.async_payment_failed", checkoutOf(sale, signals, false), start + 5));
  }
  for (const [n, paying] of payings.entries()) {
    const { of: bill, at } = paying;
    const billed = invoice(bill, story.rendering, n === 0 ? discountOf(sale, signals) : {});
    if (story.kind !== "payment") {
      events.push(event("invoice.paid", billed, at));
      if (bill.totalMinor > 0) {
        events.push(event("invoice.payment_succeeded", billed, at));
        if (story.rendering !== "acacia") {
          if (story.linksUntold) links.push(bill);
          else events.push(event("invoice_payment.paid", invoicePayment(bill), at));
        }
      }
    }
    if (story.pays !== "never") events.push(...afterwards(paying, sale));
  }
  return { events, links };
}

/** A charge as it is in the end, with each of its refunds. */
function chargeOf({ story, of }: Paying): Record<string, unknown> {
  const refunds = refundsOf(story);
  return {
    id: of.charge,
    object: "charge",
    amount: of.totalMinor,
    amount_refunded: refunds.reduce((sum, { amount, fails }) => sum + (fails ? 0 : amount), 0),
    currency: of.currency,
    payment_intent: of.paymentIntent,
    refunds: {
      data: refunds.map(({ amount, fails }, n) => ({
        id: `re_${of.charge}_${n}`,
        object: "refund",
        amount,
        currency: of.currency,
        charge: of.charge,
        payment_intent: of.paymentIntent,
        status: fails ? "failed" : "succeeded",
      })),
    },
  };
}

/** The refunds and the dispute of one payment, second by second. */
function afterwards({ story, of, at }: Paying, { story: { rendering, sums } }: Sale): StripeEvent[] {
  const events: StripeEvent[] = [];
  let second = Math.floor(at.getTime() / 1000) + 10;
  let standing = 0;
  const ids = { ...purchase(at), paymentIntent: of.paymentIntent, charge: of.charge, totalMinor: of.totalMinor };
  const old = rendering === "acacia";
  const sum = (amount: number) => ({
    id: of.charge,
    object: "charge",
    amount: of.totalMinor,
    amount_refunded: amount,
    currency: of.currency,
    payment_intent: of.paymentIntent,
    ...(old ? { invoice: of.invoice } : {}),
  });
  for (const [n, each] of refundsOf(story).entries()) {
    const id = `re_${of.charge}_${n}`;
    standing += each.amount;
    second += 10;
    if (sums !== "never") events.push(event("charge.refunded", sum(standing), second));
    if (sums !== "only") {
      events.push(event("refund.created", refund(ids, each.amount, { id, status: "pending" }), second));
      events.push(event("refund.updated", refund(ids, each.amount, { id, payment_intent: null }), second + 1));
    }
    if (!each.fails) continue;
    standing -= each.amount;
    second += 10;
    events.push(event("refund.failed", refund(ids, each.amount, { id, status: "failed", charge: null }), second));
  }
  if (story.warned) {
    const warning = { id: `issfr_${of.charge}`, object: "radar.early_fraud_warning", charge: of.charge };
    events.push(event("radar.early_fraud_warning.created", warning, second));
  }
  const disputed = disputedOf(story);
  const moved: number[] = [];
  let out = 0;
  for (const name of story.dispute) {
    second += 10;
    const target = outBy(name, disputed);
    if (target !== out) moved.push(out - target);
    out = target;
    const status = name === "won in part" ? "won" : name;
    const type = ["won", "lost", "warning_closed", "prevented"].includes(status) ? "closed" : "updated";
    const more = story.disputeByCharge ? { payment_intent: null } : {};
    const object = dispute(of, rendering, disputed, status, [...moved], more);
    events.push(event(`charge.dispute.${type}`, object, second));
    // What was moved is told once more, within the same second.
    if (moved.length > 0)
      events.push(event(`charge.dispute.funds_${moved.at(-1)! < 0 ? "withdrawn" : "reinstated"}`, object, second));
  }
  return events;
}

const refundsOf = ({ total, refunds }: PaymentStory): { amount: number; fails: boolean }[] => {
  let left = total;
  return refunds.flatMap(({ share, fails }) => {
    const amount = Math.min(left, Math.ceil((total * share) / 100));
    if (!fails) left -= amount;
    return amount > 0 ? [{ amount, fails }] : [];
  });
};
const outBy = (name: keyof typeof moves, disputed: number): number => Math.floor((disputed * moves[name]) / 100);
const disputedOf = ({ total, disputedShare }: PaymentStory): number => Math.ceil((total * disputedShare) / 100);

/** What a payment should come to, by its history alone: written apart from the program, in exact fractions. */
export interface Expected {
  gross: number;
  base: number;
  refunded: number;
  disputed: number;
  /** What is left of the commission in the end, and whether it is held. */
  left: number;
  held: boolean;
  owned: boolean;
}

export function expected(sale: Sale, rateBp: number, renewalMonths: number | null): Expected[] {
  const { story } = sale;
  const firstPaid = story.payments.findIndex((each) => each.total > 0);
  return story.payments.map((each, n) => {
    const came = story.pays !== "never";
    const refunded = came ? refundsOf(each).reduce((sum, { amount, fails }) => sum + (fails ? 0 : amount), 0) : 0;
    const last = came ? each.dispute.at(-1) : undefined;
    const whole = disputedOf(each);
    // A dispute that was prevented means that so much is refunded, of which it is heard or not.
    const refundedOrDue = last === "prevented" ? Math.max(refunded, Math.min(whole, each.total)) : refunded;
    const out = last ? outBy(last, whole) : 0;
    const gone = Math.min(each.total, refundedOrDue + out);
    const base = each.total - Math.floor(each.total / 5);
    const owned =
      story.by !== "nothing" &&
      (n === 0 ||
        renewalMonths === null ||
        (renewalMonths === 0 ? n === firstPaid : paymentDays[n]! < 28 * renewalMonths));
    const share = (of: bigint): number => Number((of * BigInt(rateBp) * 2n + 10_000n) / 20_000n);
    const baseLeft = each.total === 0 ? 0n : (BigInt(base) * BigInt(each.total - gone)) / BigInt(each.total);
    return {
      gross: each.total,
      base,
      refunded,
      disputed: gone - refunded,
      left: owned && came ? share(baseLeft) : 0,
      held:
        (came && each.warned) ||
        last === "warning_needs_response" ||
        last === "warning_under_review" ||
        last === "teleported",
      owned,
    };
  });
}
