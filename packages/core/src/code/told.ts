/**
 * What a checkout says of codes that were changed there, and not here. Each provider's translator makes these
 * (`gateway/<provider>`).
 */
export type CodeTold = CodeChanged | OfferChanged;

/** Somebody has switched a code on or off at the checkout, or Laurel has. */
export interface CodeChanged {
  kind: "code_changed";
  /** The checkout's own id. */
  promotionCodeId: string;
  /** Whether customers could use it then; undefined where that was not told. */
  active: boolean | undefined;
}

/** What a campaign's codes give was changed or deleted at the checkout. */
export interface OfferChanged {
  kind: "offer_changed";
  /** The checkout's own id: the campaign's coupon. */
  offerId: string;
}
