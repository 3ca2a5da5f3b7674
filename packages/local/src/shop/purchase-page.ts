import { html } from "hono/html";
import type { Step } from "../stripe/index.ts";
import { goodsOf, type Html, money, time } from "./page.ts";
import { chip, refundForms } from "./purchase-parts.ts";
import type { Purchase } from "./till.ts";
import { stepCard } from "./trace.ts";

/** One purchase: what it cost, what can still be done with it, and all that was said about it. */
export function purchasePage(purchase: Purchase, history: Step[], portalUrl: string, problem?: string): Html {
  const { session, lines, charge, refunds } = purchase;
  const currency = session.currency ?? "eur";
  const show = (amount: number) => money(amount, currency);
  const { amount_discount = 0, amount_tax = 0, amount_shipping } = session.total_details ?? {};
  const total = session.amount_total ?? 0;
  const inclusive = total !== (session.amount_subtotal ?? 0) - amount_discount + amount_tax + (amount_shipping ?? 0);
  const row = (name: string, amount: string, kind = "") =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${amount}</dd></div>`;
  return html`
    <p class="back"><a href="/shop">← Back to the shop</a></p>
    <div class="intro">
      <h1>${goodsOf(lines)}</h1>
      <p>${chip(purchase)} <span>bought by ${session.customer_details?.email ?? "somebody"}, ${time(session.created * 1000)}</span></p>
    </div>
    <div class="purchase">
      <section class="till card" aria-labelledby="bill">
        <h2 id="bill">The bill</h2>
        <dl class="sums">
          ${lines.map((line) => row(`${line.quantity} × ${line.description}`, show(line.amount_subtotal)))}
          ${amount_discount ? row(`Discount ${purchase.codeText ?? ""}`, `−${show(amount_discount)}`, "good") : ""}
          ${inclusive ? "" : row("Tax", show(amount_tax))} ${row("Parcel", show(amount_shipping ?? 0))}
          ${row(session.payment_status === "paid" ? "Paid" : "To pay", show(total), "total")}
          ${inclusive && amount_tax ? row("of which tax", show(amount_tax), "minor") : ""}
          ${row("Commission counts on", show(total - amount_tax - (amount_shipping ?? 0)), "minor")}
          ${charge?.amount_refunded ? row("Refunded", `−${show(charge.amount_refunded)}`, "bad") : ""}
        </dl>
        ${settleForms(purchase)} ${refundForms(purchase, { folded: false, problem })}
        ${refunds
          .filter(({ status }) => status === "pending")
          .map(
            (refund) => html`<div class="pending">
              <p class="note">A refund of ${show(refund.amount)} is on its way to the bank.</p>
              ${pair(`/shop/purchases/${session.id}/settle-refund`, refund.id, "It arrives", "It fails")}
            </div>`,
          )}
        <p class="note">In Laurel: <a href="${portalUrl}/orders?externalId=${session.id}">this order</a> · <a href="${portalUrl}/events">webhooks received</a></p>
      </section>
      <section class="trace" aria-labelledby="trace">
        <h2 id="trace">What was said, and what Laurel answered</h2>
        <p class="lead">The newest comes first. Everything went over HTTP on this machine, as it would over the network.</p>
        <ol class="steps" reversed role="list">
          ${[...history].reverse().map((step, at) => stepCard(step, history.length - at, session.id, at === 0))}
        </ol>
      </section>
    </div>
  `;
}

const settleForms = ({ session, charge }: Purchase): Html | string =>
  charge?.status === "pending"
    ? html`<div class="pending">
        <p class="note">The bank has not answered yet. Laurel keeps the order as pending until it does.</p>
        ${pair(`/shop/purchases/${session.id}/settle`, session.id, "The money arrives", "The payment fails")}
      </div>`
    : "";

const pair = (action: string, subject: string, yes: string, no: string): Html =>
  html`<form method="post" action="${action}" class="pair">
    <input type="hidden" name="subject" value="${subject}" />
    <button class="quiet" type="submit" name="outcome" value="succeeded">${yes}</button>
    <button class="quiet" type="submit" name="outcome" value="failed">${no}</button>
  </form>`;
