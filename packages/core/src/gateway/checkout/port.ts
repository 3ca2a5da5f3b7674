import type { Connection } from "../../connection/index.ts";

/** A promotion code as a checkout has it. */
export interface CheckoutCode {
  /** The checkout's own id of it. */
  id: string;
  /** In upper case. */
  code: string;
  /** Whether buyers can use it now. */
  active: boolean;
  /** What Laurel wrote on it; empty on a code that Laurel did not make. */
  metadata: Record<string, string>;
}

/** What the codes of a campaign give to customers. */
export interface Offer {
  /** Unique at the checkout; the same for all codes of the campaign. */
  id: string;
  name: string;
  percentOff: number;
}

/**
 * What Laurel asks of a checkout about codes, whichever it is. Every call names the connection whose key is used.
 * Failures: AppError `unavailable` may be tried again, AppError `rejected` is the checkout's definite no with its reason in words.
 */
export interface CheckoutGateway {
  /**
   * Finds the code that has a text, in any case and whoever made it; one that is switched off is found where the checkout goes on
   * to keep its text.
   */
  findCode(connection: Connection, code: string): Promise<CheckoutCode | undefined>;
  /** undefined where the checkout knows no such id. */
  getCode(connection: Connection, id: string): Promise<CheckoutCode | undefined>;
  /**
   * Makes a code, switched on. The same asked again, after a lost answer or at once, makes one code.
   * @param input.metadata ids only, without spaces
   */
  createCode(
    connection: Connection,
    input: { code: string; offer: Offer; metadata: Record<string, string>; idempotencyKey: string },
  ): Promise<CheckoutCode>;
  /** Switching to what is so already changes nothing. */
  setCodeActive(connection: Connection, id: string, active: boolean): Promise<CheckoutCode>;
}

/** An order as it was fetched: a body and a type, as its webhook would have had them. */
export interface StoredOrder {
  /** The shop's own id. */
  id: string;
  type: string;
  rawBody: Uint8Array;
}

export interface OrderPage {
  orders: StoredOrder[];
  /** Where the next page begins; absent on the last one. */
  next?: string;
}

/** What an owner enters to connect a shop, before it is a connection. */
export interface ShopAccess {
  shopUrl: string;
  apiKey: string;
}

/** What a shop says of itself to whoever holds its key. */
export interface ShopFound {
  name: string;
  /** As it should be stored: the shop's own address, without a trailing slash. */
  shopUrl: string;
  /** The shop's own number, where it has one. */
  shopId?: string;
  livemode: boolean;
  namespace: string;
  currency: string;
  /** Rights that the key lacks, in the provider's words; with any, not everything will work. */
  missingRights: string[];
}

/** What a shop can be asked beside codes: to be connected, and for its orders. */
export interface ShopGateway extends CheckoutGateway {
  /**
   * Whether a key opens a shop, and which.
   * @throws AppError invalid for an address that no shop of this provider can have; rejected for the shop's no; unavailable
   */
  check(access: ShopAccess): Promise<ShopFound>;
  /**
   * Has the shop send its webhooks to an address; those that go there already are left as they are.
   * @param secret what the shop shall sign with, where that is ours to choose (WooCommerce)
   */
  ensureWebhooks(access: ShopAccess, webhookUrl: string, secret: string): Promise<void>;
  /** Nothing is sent to that address any more. */
  removeWebhooks(access: ShopAccess, webhookUrl: string): Promise<void>;
  /** An order as it stands now; undefined where the shop knows no such id. */
  getOrder(connection: Connection, id: string): Promise<StoredOrder | undefined>;
  /**
   * Orders that changed since a time, each as a webhook would tell it, oldest change first; a page at a time.
   * @param after where the page before ended
   */
  listOrdersSince(connection: Connection, since: Date, after?: string): Promise<OrderPage>;
}
