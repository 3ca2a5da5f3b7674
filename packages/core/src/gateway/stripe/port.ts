/** A promotion code as far as Laurel cares about it. */
export interface PromotionCode {
  id: string;
  code: string;
  active: boolean;
  couponId: string;
  metadata: Record<string, string>;
}

/** A discount that a campaign gives to customers; one Stripe coupon a campaign and connection. */
export interface CouponSpec {
  id: string;
  name: string;
  percentOff: number;
}

/**
 * What Laurel asks of a Stripe account. Every call names the connection whose key is used, and by Connect its account.
 * Failures: AppError `unavailable` may be tried again, AppError `rejected` is Stripe's definite no with its reason in words.
 */
export interface StripeGateway extends StripeLookUp {
  /** Makes the coupon if it does not exist. */
  ensureCoupon(of: OfConnection, coupon: CouponSpec): Promise<void>;
  /** Finds an active promotion code by its text, whoever made it. */
  findPromotionCode(of: OfConnection, code: string): Promise<PromotionCode | undefined>;
  createPromotionCode(
    of: OfConnection,
    input: { couponId: string; code: string; metadata: Record<string, string>; idempotencyKey: string },
  ): Promise<PromotionCode>;
  setPromotionCodeActive(of: OfConnection, id: string, active: boolean): Promise<PromotionCode>;
  /** undefined when Stripe knows no such promotion code. */
  getPromotionCode(of: OfConnection, id: string): Promise<PromotionCode | undefined>;
  /**
   * Checks the `Stripe-Signature` header over the raw body against one secret, age limit 300 s, by the real clock.
   * @returns whether it holds. Never throws for a bad header or body.
   */
  verifySignature(rawBody: Uint8Array, header: string, secret: string): Promise<boolean>;
  /** What it takes to connect the account of a key that is not kept yet, or no more. */
  withKey(apiKey: string): StripeSetup;
}

/** Whom a question is asked of: the connection whose key is used, and the account that its events come from by Connect. */
export interface OfConnection {
  id: string;
  account?: string | undefined;
}

/** What is learned by asking, where an event did not tell it. Objects are as the API has them now; failures as of `StripeGateway`. */
export interface StripeLookUp {
  /**
   * An object by its path, such as `/v1/charges/ch_…`; undefined where there is none.
   * @param expand what is to be told with it instead of named, such as `refunds`
   */
  getObject(of: OfConnection, path: string, expand?: readonly string[]): Promise<Record<string, unknown> | undefined>;
  /** An invoice with its discounts, its payments and all of its lines; undefined where there is none. */
  getInvoice(of: OfConnection, id: string): Promise<Record<string, unknown> | undefined>;
  /** The completed Checkout Sessions that a subscription or a payment came from. */
  findSessions(
    of: OfConnection,
    by: { subscription: string } | { paymentIntent: string },
  ): Promise<Record<string, unknown>[]>;
  /** Which payments an invoice has, or which invoices a payment pays. */
  findInvoicePayments(
    of: OfConnection,
    by: { invoice: string } | { paymentIntent: string },
  ): Promise<Record<string, unknown>[]>;
  /**
   * What happened at the account, whether or not it was delivered: newest first, a page at a time. Stripe keeps it for 30 days.
   * @param by.types at most 20 kinds of events
   * @param by.after the event with which the page before ended
   */
  listEvents(
    of: OfConnection,
    by: { types: readonly string[]; since: Date; until: Date; after?: string | undefined },
  ): Promise<{ events: Record<string, unknown>[]; next?: string }>;
}

/** A webhook endpoint of an account, as far as Laurel cares about it. */
export interface StripeWebhook {
  id: string;
  url: string;
  livemode: boolean;
  enabled: boolean;
  /** The connection that it was made for; undefined where it is none of ours. */
  connectionId: string | undefined;
}

/** Failures are as those of `StripeGateway`. */
export interface StripeSetup {
  /**
   * Whose key it is; nothing is changed there. Restricted keys may not be allowed to read that.
   * @throws AppError rejected `stripe.account_hidden` where the key may not read it
   */
  account(): Promise<{ id: string; name: string | undefined }>;
  /** The account's webhook endpoints in the mode of the key. */
  webhooks(): Promise<StripeWebhook[]>;
  /** Makes an endpoint for exactly the kinds of events that are read. Its secret is told this once. */
  createWebhook(input: {
    url: string;
    connectionId: string;
    idempotencyKey: string;
  }): Promise<StripeWebhook & { secret: string }>;
  /** Nothing happens where it is gone. */
  deleteWebhook(id: string): Promise<void>;
}
