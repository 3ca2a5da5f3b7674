import * as z from "zod";
import { getAccount } from "./account.ts";
import { expireSession } from "./checkout-pay.ts";
import * as Session from "./checkout-session.ts";
import * as Coupon from "./coupon.ts";
import type { Desk } from "./desk.ts";
import { getDispute } from "./dispute.ts";
import * as Event from "./event.ts";
import { expand } from "./form.ts";
import * as Invoice from "./invoice.ts";
import { getCharge, getPaymentIntent } from "./payment.ts";
import * as PromotionCode from "./promotion-code.ts";
import * as Refund from "./refund.ts";
import { getSubscription } from "./subscription.ts";
import * as TaxRate from "./tax-rate.ts";
import * as Endpoint from "./webhook-endpoint.ts";

export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** With at most one `:id`. */
  path: string;
  params: z.ZodType;
  run: (desk: Desk, id: string, params: never) => object;
}

const route = <T extends z.ZodType>(
  method: Route["method"],
  path: string,
  params: T,
  run: (desk: Desk, id: string, params: z.output<T>) => object,
): Route => ({ method, path, params, run });

const Nothing = z.strictObject({ expand });

/** All that the stand-in can do of Stripe's API. */
export const routes: Route[] = [
  route("GET", "/v1/account", Nothing, (desk) => getAccount(desk)),
  route("POST", "/v1/coupons", Coupon.CreateCoupon, (desk, _, params) => Coupon.createCoupon(desk, params)),
  route("GET", "/v1/coupons", Coupon.ListCoupons, (desk, _, params) => Coupon.listCoupons(desk, params)),
  route("GET", "/v1/coupons/:id", Nothing, (desk, id) => Coupon.getCoupon(desk, id)),
  route("POST", "/v1/coupons/:id", Coupon.UpdateCoupon, Coupon.updateCoupon),
  route("DELETE", "/v1/coupons/:id", Nothing, (desk, id) => {
    const deleted = Coupon.deleteCoupon(desk, id);
    PromotionCode.deactivateCodesOf(desk, id);
    return deleted;
  }),
  route("POST", "/v1/promotion_codes", PromotionCode.CreatePromotionCode, (desk, _, params) =>
    PromotionCode.createPromotionCode(desk, params),
  ),
  route("GET", "/v1/promotion_codes", PromotionCode.ListPromotionCodes, (desk, _, params) =>
    PromotionCode.listPromotionCodes(desk, params),
  ),
  route("GET", "/v1/promotion_codes/:id", Nothing, (desk, id) => PromotionCode.getPromotionCode(desk, id)),
  route("POST", "/v1/promotion_codes/:id", PromotionCode.UpdatePromotionCode, PromotionCode.updatePromotionCode),
  route("POST", "/v1/tax_rates", TaxRate.CreateTaxRate, (desk, _, params) => TaxRate.createTaxRate(desk, params)),
  route("GET", "/v1/tax_rates", TaxRate.ListTaxRates, (desk, _, params) => TaxRate.listTaxRates(desk, params)),
  route("GET", "/v1/tax_rates/:id", Nothing, (desk, id) => TaxRate.getTaxRate(desk, id)),
  route("POST", "/v1/checkout/sessions", Session.CreateSession, (desk, _, params) =>
    Session.createSession(desk, params),
  ),
  route("GET", "/v1/checkout/sessions", Session.ListSessions, (desk, _, params) => Session.listSessions(desk, params)),
  route("GET", "/v1/checkout/sessions/:id", Nothing, (desk, id) => Session.getSession(desk, id)),
  route("GET", "/v1/checkout/sessions/:id/line_items", Nothing, (desk, id) => Session.linesOf(desk, id)),
  route("POST", "/v1/checkout/sessions/:id/expire", Nothing, (desk, id) => expireSession(desk, id)),
  route("GET", "/v1/payment_intents/:id", Nothing, (desk, id) => getPaymentIntent(desk, id)),
  route("GET", "/v1/charges/:id", Nothing, (desk, id) => getCharge(desk, id)),
  route("POST", "/v1/refunds", Refund.CreateRefund, (desk, _, params) => Refund.createRefund(desk, params)),
  route("GET", "/v1/refunds", Refund.ListRefunds, (desk, _, params) => Refund.listRefunds(desk, params)),
  route("GET", "/v1/refunds/:id", Nothing, (desk, id) => Refund.getRefund(desk, id)),
  route("GET", "/v1/invoices/:id", Nothing, (desk, id) => Invoice.getInvoice(desk, id)),
  route("GET", "/v1/invoices/:id/lines", Invoice.ListInvoiceLines, Invoice.linesOfInvoice),
  route("GET", "/v1/invoice_payments", Invoice.ListInvoicePayments, (desk, _, params) =>
    Invoice.listInvoicePayments(desk, params),
  ),
  route("GET", "/v1/invoice_payments/:id", Nothing, (desk, id) => Invoice.getInvoicePayment(desk, id)),
  route("GET", "/v1/subscriptions/:id", Nothing, (desk, id) => getSubscription(desk, id)),
  route("GET", "/v1/disputes/:id", Nothing, (desk, id) => getDispute(desk, id)),
  route("GET", "/v1/events", Event.ListEvents, (desk, _, params) => Event.listEvents(desk, params)),
  route("GET", "/v1/events/:id", Nothing, (desk, id) => Event.getEvent(desk, id)),
  route("POST", "/v1/webhook_endpoints", Endpoint.CreateEndpoint, (desk, _, params) =>
    Endpoint.createEndpoint(desk, params),
  ),
  route("GET", "/v1/webhook_endpoints", Endpoint.ListEndpoints, (desk, _, params) =>
    Endpoint.listEndpoints(desk, params),
  ),
  route("GET", "/v1/webhook_endpoints/:id", Nothing, (desk, id) => Endpoint.getEndpoint(desk, id)),
  route("POST", "/v1/webhook_endpoints/:id", Endpoint.UpdateEndpoint, Endpoint.updateEndpoint),
  route("DELETE", "/v1/webhook_endpoints/:id", Nothing, (desk, id) => Endpoint.deleteEndpoint(desk, id)),
];
