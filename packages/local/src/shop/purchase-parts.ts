import { html, raw } from "hono/html";
import { type Html, money, plainAmount } from "./page.ts";
import type { Purchase } from "./till.ts";

/** What is left to give back, in minor units. */
export const leftOf = ({ charge }: Purchase): number =>
  charge?.status === "succeeded" ? charge.amount - charge.amount_refunded : 0;

export function stateOf({ session, charge }: Purchase): { text: string; tone: "good" | "wait" | "bad" | "plain" } {
  if (session.payment_status === "no_payment_required") return { text: "Free", tone: "good" };
  if (charge?.status === "failed") return { text: "Payment failed", tone: "bad" };
  if (session.payment_status === "unpaid") return { text: "Waiting for the money", tone: "wait" };
  if (charge?.refunded) return { text: "Refunded", tone: "plain" };
  return charge && charge.amount_refunded > 0
    ? { text: "Refunded in part", tone: "wait" }
    : { text: "Paid", tone: "good" };
}

export const chip = (purchase: Purchase): Html => {
  const { text, tone } = stateOf(purchase);
  return html`<span class="chip ${tone}">${text}</span>`;
};

/** Buttons that give money back, in part or in full; folded away in lists. Nothing when nothing is left. */
export function refundForms(
  purchase: Purchase,
  { folded, problem }: { folded: boolean; problem?: string | undefined },
): Html | string {
  const left = leftOf(purchase);
  if (left === 0) return "";
  const { id, currency } = purchase.session;
  const unit = (currency ?? "eur").toUpperCase();
  const field = `amount-${id}`;
  const forms = html`<div class="refund">
    <form method="post" action="/shop/purchases/${id}/refund" class="refund-part">
      <div class="field">
        <label for="${field}">Amount in ${unit}</label>
        <div class="joined">
          <input
            id="${field}"
            name="amount"
            inputmode="decimal"
            autocomplete="off"
            required
            value="${plainAmount(Math.max(1, Math.floor(left / 2 / 100) * 100 || Math.floor(left / 2)), unit)}"
            aria-describedby="${field}-note"
            ${problem ? raw('aria-invalid="true"') : ""}
          />
          <button class="quiet" type="submit" data-busy="Refunding …">Refund in part</button>
        </div>
        <p class="note ${problem ? "bad" : ""}" id="${field}-note" ${problem ? raw('role="alert"') : ""}>${problem ?? `Up to ${money(left, unit)} are left.`}</p>
      </div>
    </form>
    <form method="post" action="/shop/purchases/${id}/refund">
      <input type="hidden" name="full" value="yes" />
      <button class="quiet wide" type="submit" data-busy="Refunding …">Refund in full</button>
    </form>
  </div>`;
  return folded ? html`<details class="fold"><summary>Refund</summary>${forms}</details>` : forms;
}
