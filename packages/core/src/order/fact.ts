/**
 * What a checkout tells, in words that are no provider's. Each provider's translator makes these and the domain knows nothing else.
 * Amounts are minor units; currencies are upper case; times are ISO 8601 in UTC.
 *
 * The end depends on what was told, never on the order or the number of tellings. So a translator says what is known
 * (a payment's progress, a refund by its id, a figure and the time at which it held), and never what is to be done.
 *
 * **Aliases** are the ids under which this purchase may be told of again. Each is unique within the connection's namespace, so
 * ids that a provider counts per kind carry the kind (`order_5001`, `refund_77`, never `5001`). Name every id that is known,
 * in each fact: what names two purchases that were thought to be different joins them.
 */
export type Fact = OrderFact | Several | SubscriptionFact | Ignored | Unprocessable;

/** What is told of one purchase. */
export type OrderFact = Purchase | MoneyFact | Link;

/** What may come before the purchase that it belongs to; it then waits on its alias. */
export type MoneyFact = RefundFact | Cancellation | Dispute | Warning;
export type RefundFact = Refund | RefundedFloor | RefundedExact;

/** Several facts that one event tells about the same purchase: taken in together or not at all. */
export interface Several {
  kind: "several";
  /** At least one; the purchase, where there is one, first. */
  facts: OrderFact[];
}

interface OfPurchase {
  aliases: string[];
  /**
   * Ids of the same payment at the Stripe account that the connection names (`pi_…`, `ch_…`), for a shop that takes its money
   * by Stripe: so a sale that both tell of is one order. Left out where the connection names none.
   */
  stripeAliases?: string[];
}

/** How far the money has come. A higher one wins over a lower, whatever the order of arrival. */
export const payments = ["unpaid", "failed", "paid"] as const;
export type Payment = (typeof payments)[number];

/**
 * A purchase as it stands. Amounts stay as the first telling of a paid one has them; until then the latest `at` counts.
 * Something that was paid and then called off is paid here, beside a `cancellation`.
 */
export interface Purchase extends OfPurchase {
  kind: "purchase";
  payment: Payment;
  occurredAt: string;
  /** When the amounts held, where the provider says so and may change them before the payment (an order that is edited). */
  at?: string;
  /** What the shop and the buyer call the order (`#1001`), at most 40 characters: for people to find it by, and no id. */
  number?: string;
  currency: string;
  /** What the buyer pays in all, tax and shipping counted: what refunds are measured against. */
  grossMinor: number;
  /** How the base comes about, line by line; the lines add up to it. */
  baseLines: { label: string; amountMinor: number }[];
  baseMinor: number;
  /** What was paid outside of the checkout, for programs whose rules count it; not in the amounts above. */
  outOfBand?: { grossMinor: number; baseMinor: number };
  signals: Signals;
  /**
   * Where the purchase is a payment of a subscription. The first one (`start`) has the signals of the checkout that began it;
   * the others follow the subscription, and their own signals count for nothing.
   */
  subscription?: { id: string; part: "start" | "renewal" };
  /**
   * True where who brought the buyer is told by something else (the checkout that made this invoice): the order waits for that,
   * or until it was looked for, before it is anybody's.
   */
  attributedElsewhere?: boolean;
}

/** What may name an ambassador. */
export interface Signals {
  /** Promotion codes by the checkout's own ids. One that is not known here is looked up at the checkout. */
  promotionCodeIds: string[];
  /** Codes by their text as the buyer entered it, in any case; in the order in which they were entered. */
  codes?: string[];
  /** The latest visit by a link. */
  clickId: string | null;
  /** Visits before it, oldest first, where the shop hands them over. */
  earlierClickIds?: string[];
  /** Used for the keyed hash and then forgotten. */
  email: string | null;
}

export interface Refund extends OfPurchase {
  kind: "refund";
  /** `refund_…` where it is the shop's own: who takes the shop's money may tell of the same under another id. */
  refundId: string;
  /** What went back to the buyer, tax and shipping counted. */
  amountMinor: number;
  /**
   * How much of the base went back, where the provider tells it by lines (Shopify). Without it the refund takes from the base
   * in proportion: its share of the gross.
   */
  baseMinor?: number;
  currency: string;
  /** A refund counts from its first word on, unless it failed or was cancelled; that is final. */
  state: "live" | "failed";
  /** When the provider said so. */
  at: string;
}

/** A cumulative figure that may leave out what is told otherwise: so much had been refunded of this payment `at` that time. */
export interface RefundedFloor extends OfPurchase {
  kind: "refunded_floor";
  refundedMinor: number;
  currency: string;
  at: string;
}

/**
 * Everything that stands refunded `at` that time, added up anew by the provider, for one whose refunds can be deleted
 * (WooCommerce): the latest figure replaces the one before, also where it is lower.
 */
export interface RefundedExact extends OfPurchase {
  kind: "refunded_exact";
  refundedMinor: number;
  currency: string;
  at: string;
}

/**
 * The purchase was called off, or that was taken back: of two tellings the later one counts, of the same second the one that
 * calls it off. While it is off nothing is earned by it, paid or not.
 */
export interface Cancellation extends OfPurchase {
  kind: "cancellation";
  cancelled: boolean;
  at: string;
}

/**
 * How a dispute stands. In `inquiry` and `unknown` the commission is held; in `open` and `lost` what was withdrawn is
 * reversed; `won` ends it; `prevented` means that a refund makes good for it.
 */
export const disputeStates = ["inquiry", "unknown", "open", "won", "lost", "prevented"] as const;
export type DisputeState = (typeof disputeStates)[number];

/** The buyer's bank asks for the money back. Of two tellings the later one counts, of the same second the higher `step`. */
export interface Dispute extends OfPurchase {
  kind: "dispute";
  disputeId: string;
  state: DisputeState;
  /** How far it has come in the provider's own order of steps, from 0. */
  step: number;
  /** What is disputed. */
  amountMinor: number;
  /** What has been withdrawn and not come back, where that is told; in `open` without it all of it counts as withdrawn. */
  withdrawnMinor?: number;
  currency: string;
  /** The same as it was taken from the shop's balance, where that is in another currency than the card. */
  inBalance?: Pick<Dispute, "amountMinor" | "withdrawnMinor" | "currency">;
  at: string;
}

/** Something that somebody should look at before the commission is paid out: it is held until it is cleared. */
export interface Warning extends OfPurchase {
  kind: "warning";
  /** Names the reason, and only once: `early_fraud_warning:issfr_…`. */
  reason: string;
  at: string;
}

/** Nothing but that these ids are of one purchase. */
export interface Link extends OfPurchase {
  kind: "link";
}

export type SubscriptionFact = SubscriptionStart | SubscriptionEnd;

/** Who began a subscription, and by what: its payments are told apart from it, and follow it. No money moves. */
export interface SubscriptionStart extends OfPurchase {
  kind: "subscription_start";
  /** The aliases are those of its first payment. */
  subscriptionId: string;
  occurredAt: string;
  signals: Signals;
  /** False for a hint that comes beside the checkout (a discount's own event): it is remembered, and decides nothing alone. */
  complete: boolean;
}

export interface SubscriptionEnd {
  kind: "subscription_end";
  subscriptionId: string;
  at: string;
}

export interface Ignored {
  kind: "ignored";
  why: string;
}

export interface Unprocessable {
  kind: "unprocessable";
  why: string;
}

/** A fact that waits, with the event that told of it; without one where it was asked for at the checkout. */
export type Parked = (MoneyFact | Link) & { event?: string | undefined };
