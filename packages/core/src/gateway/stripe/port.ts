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
 * What Laurel asks of a Stripe account. Every call names the connection whose key is used.
 * Failures: AppError `unavailable` may be tried again, AppError `rejected` is Stripe's definite no with its reason in words.
 */
export interface StripeGateway {
  /** Makes the coupon if it does not exist. */
  ensureCoupon(connectionId: string, coupon: CouponSpec): Promise<void>;
  /** Finds an active promotion code by its text, whoever made it. */
  findPromotionCode(connectionId: string, code: string): Promise<PromotionCode | undefined>;
  createPromotionCode(
    connectionId: string,
    input: { couponId: string; code: string; metadata: Record<string, string>; idempotencyKey: string },
  ): Promise<PromotionCode>;
  setPromotionCodeActive(connectionId: string, id: string, active: boolean): Promise<PromotionCode>;
  /** undefined when Stripe knows no such promotion code. */
  getPromotionCode(connectionId: string, id: string): Promise<PromotionCode | undefined>;
  /**
   * Checks the `Stripe-Signature` header over the raw body against one secret, age limit 300 s, by the real clock.
   * @returns whether it holds. Never throws for a bad header or body.
   */
  verifySignature(rawBody: Uint8Array, header: string, secret: string): Promise<boolean>;
  /** What it takes to connect the account of a key that is not kept yet, or no more. */
  withKey(apiKey: string): StripeSetup;
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
