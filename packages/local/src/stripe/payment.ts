import type Stripe from "stripe";
import type { Desk } from "./desk.ts";
import { missing } from "./refusal.ts";

export const getPaymentIntent = (desk: Desk, id: string): Stripe.PaymentIntent =>
  desk.store.get<Stripe.PaymentIntent>(desk.account, "payment_intent", id) ?? missing("payment_intent", id, "intent");

export const getCharge = (desk: Desk, id: string): Stripe.Charge =>
  desk.store.get<Stripe.Charge>(desk.account, "charge", id) ?? missing("charge", id);

export interface Payment {
  amount: number;
  currency: string;
  email: string | null;
  name: string | null;
  country: string | null;
  metadata: Record<string, string>;
  description: string | null;
}

/** The money moves, or with a delayed method sets out to: a PaymentIntent with its Charge. */
export function startPayment(desk: Desk, payment: Payment, delayed: boolean): Stripe.PaymentIntent {
  const method = delayed ? "sepa_debit" : "card";
  const id = desk.newId("pi_3");
  const chargeId = desk.newId("ch_3");
  const paymentMethod = desk.newId("pm_1");
  const intent: Stripe.PaymentIntent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: payment.amount,
    amount_capturable: 0,
    amount_received: delayed ? 0 : payment.amount,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: null,
    confirmation_method: "automatic",
    created: desk.nowS,
    currency: payment.currency,
    customer: null,
    customer_account: null,
    description: payment.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: chargeId,
    livemode: false,
    managed_payments: null,
    metadata: payment.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: [method],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: delayed ? "processing" : "succeeded",
    transfer_data: null,
    transfer_group: null,
  };
  const charge: Stripe.Charge = {
    id: chargeId,
    object: "charge",
    amount: payment.amount,
    amount_captured: delayed ? 0 : payment.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      address: { city: null, country: payment.country, line1: null, line2: null, postal_code: null, state: null },
      email: payment.email,
      name: payment.name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: "DEMO SHOP",
    captured: true,
    created: desk.nowS,
    currency: payment.currency,
    customer: null,
    description: payment.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: payment.metadata,
    on_behalf_of: null,
    outcome: null,
    paid: !delayed,
    payment_intent: id,
    payment_method: paymentMethod,
    payment_method_details: { type: method },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: delayed ? "pending" : "succeeded",
    transfer_data: null,
    transfer_group: null,
  };
  desk.store.put(desk.account, intent);
  desk.store.put(desk.account, charge);
  desk.emit("payment_intent.created", {
    ...intent,
    amount_received: 0,
    latest_charge: null,
    status: "requires_payment_method",
  });
  if (delayed) {
    desk.emit("charge.pending", charge);
    desk.emit("payment_intent.processing", intent);
  } else {
    desk.emit("charge.succeeded", charge);
    desk.emit("payment_intent.succeeded", intent);
  }
  return intent;
}

/** The delayed money has arrived, or will not. */
export function endPayment(desk: Desk, intentId: string, succeeded: boolean): void {
  const old = getPaymentIntent(desk, intentId);
  const oldCharge = getCharge(desk, old.latest_charge as string);
  const charge: Stripe.Charge = succeeded
    ? { ...oldCharge, status: "succeeded", paid: true, amount_captured: oldCharge.amount }
    : {
        ...oldCharge,
        status: "failed",
        captured: false,
        failure_code: "generic_decline",
        failure_message: "The customer's bank did not pay.",
      };
  const intent: Stripe.PaymentIntent = succeeded
    ? { ...old, status: "succeeded", amount_received: old.amount }
    : { ...old, status: "requires_payment_method", payment_method: null };
  desk.store.put(desk.account, charge);
  desk.store.put(desk.account, intent);
  desk.emit(succeeded ? "charge.succeeded" : "charge.failed", charge);
  desk.emit(succeeded ? "payment_intent.succeeded" : "payment_intent.payment_failed", intent);
}
