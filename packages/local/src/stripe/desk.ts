import { createHash, randomBytes } from "node:crypto";
import type Stripe from "stripe";
import type { ApiObject, Store } from "./store.ts";

/** The one version of the API that the stand-in speaks: the one that the SDK asks for. */
export const apiVersion = "2026-10-28.endive";

/** A webhook endpoint as kept: with its secrets, of which there are several while one is being rolled. */
export interface HiddenEndpoint {
  secrets: string[];
  /** Whether its events only name their objects. */
  thin?: boolean | undefined;
}

/** What one request works with. */
export interface Desk {
  account: string;
  store: Store;
  requestId: string;
  idempotencyKey: string | null;
  /** Unix seconds, by the program's clock. */
  nowS: number;
  /** An id of Stripe's look. With an Idempotency-Key it follows from the key, so that seeding twice gives the same ids. */
  newId(prefix: string, length?: number): string;
  /** Tells the endpoints, once the request's transaction is through. */
  emit(type: Stripe.Event.Type, object: object, previous?: object): void;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const spell = (bytes: Uint8Array): string => Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");

export const randomId = (prefix: string, length = 24): string => prefix + spell(randomBytes(length));

export function openDesk(
  store: Store,
  account: string,
  now: Date,
  idempotencyKey: string | null,
  requestId = randomId("req_", 14),
): Desk {
  const nowS = Math.floor(now.getTime() / 1000);
  let made = 0;
  const desk: Desk = {
    account,
    store,
    requestId,
    idempotencyKey,
    nowS,
    newId(prefix, length = 24) {
      if (!idempotencyKey) return randomId(prefix, length);
      const seed = createHash("sha512")
        .update(JSON.stringify([account, idempotencyKey, prefix, made++]))
        .digest();
      const id = prefix + spell(length <= seed.length ? seed.subarray(0, length) : randomBytes(length));
      // Stripe forgets a key after a day, and then the same one makes something new.
      return store.has(account, kindOf(prefix), id) ? randomId(prefix, length) : id;
    },
    emit(type, object, previous) {
      const endpoints = store
        .list<Stripe.WebhookEndpoint>(account, "webhook_endpoint")
        .filter(
          (each) => each.status === "enabled" && each.enabled_events.some((name) => name === "*" || name === type),
        );
      const event: ApiObject & Record<string, unknown> = {
        id: desk.newId("evt_1"),
        object: "event",
        api_version: apiVersion,
        created: nowS,
        data: previous ? { object, previous_attributes: previous } : { object },
        livemode: false,
        pending_webhooks: endpoints.length,
        request: { id: requestId, idempotency_key: idempotencyKey },
        type,
      };
      store.put(account, event);
      for (const endpoint of endpoints)
        store.putDelivery({
          account,
          eventId: event.id,
          endpointId: endpoint.id,
          attempts: 0,
          firstAtMs: Date.now(),
          nextAtMs: Date.now(),
        });
    },
  };
  return desk;
}

const kinds: Record<string, string> = {
  evt_1: "event",
  promo_1: "promotion_code",
  cs_test_a1: "checkout.session",
  pi_3: "payment_intent",
  ch_3: "charge",
  re_3: "refund",
  txr_1: "tax_rate",
  we_1: "webhook_endpoint",
};
const kindOf = (prefix: string): string => kinds[prefix] ?? "coupon";
