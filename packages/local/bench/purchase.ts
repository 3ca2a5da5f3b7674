import { createHmac, randomBytes } from "node:crypto";
import type { Staging } from "./stage.ts";

/** One payment that nobody has made before, as its checkout delivers it. */
export interface Purchase {
  path: string;
  headers: Record<string, string | number>;
  body: Buffer;
  /** The provider's ids that no other payment has. */
  ids: string[];
}

/** What each of them earns a commission on, in EUR. */
export const baseMinor = 3600;

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Letters and digits that nobody has used, as the end of an id. */
export function word(length: number): string {
  let text = "";
  for (const byte of randomBytes(length)) text += letters[byte % letters.length];
  return text;
}

/** A purchase of 47.84 EUR after 10.00 off, with tax and shipping. */
export function sessionBy(staging: Staging, promotionCodeId: string): Purchase {
  const { event, ids } = sessionEvent(promotionCodeId);
  return delivered(staging, event, ids);
}

/** That a checkout is complete, in the fields that Stripe sends. @param more fields of the session that are otherwise */
export function sessionEvent(promotionCodeId: string, more: object = {}): { event: object; ids: string[] } {
  const eventId = `evt_1Q${word(22)}`;
  const sessionId = `cs_test_a1${word(58)}`;
  const paymentIntentId = `pi_3Q${word(22)}`;
  const email = `buyer-${word(12)}@example.com`;
  const created = Math.floor(Date.now() / 1000) - 1;
  const event = {
    id: eventId,
    object: "event",
    api_version: "2026-10-28.endive",
    created: created + 1,
    data: {
      object: {
        id: sessionId,
        object: "checkout.session",
        adaptive_pricing: { enabled: true },
        after_expiration: null,
        allow_promotion_codes: true,
        amount_subtotal: 4600,
        amount_total: 4784,
        automatic_tax: { enabled: true, liability: { type: "self" }, provider: "stripe", status: "complete" },
        billing_address_collection: null,
        cancel_url: "https://shop.example.com/cart",
        client_reference_id: null,
        client_secret: null,
        collected_information: { business_name: null, individual_name: null, shipping_details: null },
        consent: null,
        consent_collection: null,
        created,
        currency: "eur",
        currency_conversion: null,
        custom_fields: [],
        custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
        customer: null,
        customer_creation: "if_required",
        customer_details: {
          address: {
            city: "Hamburg",
            country: "DE",
            line1: "Musterweg 12",
            line2: null,
            postal_code: "20095",
            state: null,
          },
          business_name: null,
          email,
          individual_name: null,
          name: "Bea Buyer",
          phone: null,
          tax_exempt: "none",
          tax_ids: [],
        },
        customer_email: null,
        discounts: [{ coupon: null, promotion_code: promotionCodeId }],
        expires_at: created + 86_400,
        invoice: null,
        invoice_creation: {
          enabled: false,
          invoice_data: {
            account_tax_ids: null,
            custom_fields: null,
            description: null,
            footer: null,
            issuer: null,
            metadata: {},
            rendering_options: null,
          },
        },
        livemode: false,
        locale: "de",
        metadata: { cart: word(20) },
        mode: "payment",
        origin_context: null,
        payment_intent: paymentIntentId,
        payment_link: null,
        payment_method_collection: "if_required",
        payment_method_configuration_details: { id: `pmc_1Q${word(22)}`, parent: null },
        payment_method_options: { card: { request_three_d_secure: "automatic" } },
        payment_method_types: ["card", "klarna", "link", "paypal"],
        payment_status: "paid",
        permissions: null,
        phone_number_collection: { enabled: false },
        recovered_from: null,
        saved_payment_method_options: null,
        setup_intent: null,
        shipping_address_collection: { allowed_countries: ["AT", "DE", "FR", "NL"] },
        shipping_cost: { amount_subtotal: 500, amount_tax: 80, amount_total: 500, shipping_rate: `shr_1Q${word(22)}` },
        shipping_options: [{ shipping_amount: 500, shipping_rate: `shr_1Q${word(22)}` }],
        status: "complete",
        submit_type: null,
        subscription: null,
        success_url: "https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}",
        total_details: { amount_discount: 1000, amount_shipping: 500, amount_tax: 764 },
        ui_mode: "hosted",
        url: null,
        wallet_options: null,
        ...more,
      },
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: "checkout.session.completed",
  };
  return { event, ids: [eventId, sessionId, paymentIntentId] };
}

/** An event in the indentation and with the headers that Stripe sends. */
export function delivered(staging: Staging, event: object, ids: string[]): Purchase {
  const body = Buffer.from(JSON.stringify(event, null, 2));
  return {
    path: `/webhooks/stripe/${staging.connectionId}`,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "content-length": body.length,
      "stripe-signature": signatureOf(body, staging.webhookSecret),
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    },
    body,
    ids,
  };
}

/** The `Stripe-Signature` header of a body (https://docs.stripe.com/webhooks#verify-manually). */
function signatureOf(body: Buffer, secret: string, atS = Math.floor(Date.now() / 1000)): string {
  return `t=${atS},v1=${createHmac("sha256", secret).update(`${atS}.`).update(body).digest("hex")}`;
}
