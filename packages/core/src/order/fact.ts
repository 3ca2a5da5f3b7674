/**
 * What a checkout tells, in words that are no provider's. Each provider's translator makes these and the domain knows nothing else.
 * Amounts are minor units; currencies are upper case; aliases are provider ids, unique within the connection's namespace.
 */
export type Fact = Purchase | Refund | RefundedFloor | Ignored | Unprocessable;

/** How far the money has come. A higher one wins over a lower, whatever the order of arrival. */
export const payments = ["unpaid", "failed", "paid"] as const;
export type Payment = (typeof payments)[number];

export interface Purchase {
  kind: "purchase";
  /** Every id under which this purchase may be told of again. */
  aliases: string[];
  payment: Payment;
  occurredAt: string;
  currency: string;
  /** What the buyer pays in all, tax and shipping counted: what refunds are measured against. */
  grossMinor: number;
  /** How the base comes about, line by line; the lines add up to it. */
  baseLines: { label: string; amountMinor: number }[];
  baseMinor: number;
  signals: {
    promotionCodeIds: string[];
    clickId: string | null;
    /** Used for the keyed hash and then forgotten. */
    email: string | null;
  };
}

export interface Refund {
  kind: "refund";
  aliases: string[];
  refundId: string;
  amountMinor: number;
  currency: string;
  /** A refund counts from its first word on, unless it failed or was cancelled; that is final. */
  state: "live" | "failed";
  /** When the provider said so. */
  at: string;
}

/** A cumulative figure: so much had been refunded of this payment `at` that time. */
export interface RefundedFloor {
  kind: "refunded_floor";
  aliases: string[];
  refundedMinor: number;
  currency: string;
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

/** What may wait on an alias until the purchase that it belongs to is told. */
export type RefundFact = Refund | RefundedFloor;
/** A refund that waits, with the event that told of it. */
export type Parked = RefundFact & { event: string };
