import { html } from "hono/html";
import { drawing } from "./art.ts";
import type { Basket } from "./basket.ts";
import { goodsOf, type Html, money, time } from "./page.ts";
import { currencies, products, terms } from "./products.ts";
import { chip, refundForms } from "./purchase-parts.ts";
import type { Purchase, Quote } from "./till.ts";

/** The shop itself: choose, type a code, pay; below it what was bought before. */
export const shopPage = (basket: Basket, quote: Quote, purchases: Purchase[], problem?: string): Html => html`
  <div class="intro">
    <h1>Buy something, as a customer would</h1>
    <p>Choose, type a promo code, pay. Then see what Stripe tells Laurel, and what Laurel makes of it.</p>
  </div>
  ${problem ? html`<p class="alert" role="alert">${problem}</p>` : ""} ${arrivalNote(basket)}
  <form class="shop" method="post" action="/shop/basket" data-checkout>
    <section class="goods" aria-labelledby="goods">
      <h2 id="goods" class="eyebrow">The range</h2>
      <ul class="grid" role="list">
        ${products.map(
          (product) => html`<li class="product">
            ${drawing(product.sku)}
            <div class="product-text">
              <h3>${product.name}</h3>
              <p>${product.about}</p>
              <div class="product-foot">
                <span class="price" id="price-${product.sku}" data-live>${money(product.price[basket.currency], basket.currency)}</span>
                <label class="quantity"
                  ><span class="unseen">How many: ${product.name}</span>
                  <select name="quantity_${product.sku}">
                    ${Array.from({ length: 10 }, (_, count) => html`<option value="${count}" ${basket.items[product.sku] === count ? "selected" : ""}>${count}</option>`)}
                  </select></label
                >
              </div>
            </div>
          </li>`,
        )}
      </ul>
    </section>
    <section class="till card" aria-labelledby="till">
      <h2 id="till">Checkout</h2>
      <fieldset class="segments">
        <legend>Currency</legend>
        ${currencies.map(
          (currency) =>
            html`<label><input type="radio" name="currency" value="${currency}" ${basket.currency === currency ? "checked" : ""} /><span>${currency}</span></label>`,
        )}
      </fieldset>
      <div class="field">
        <label for="code">Promo code</label>
        <div class="joined">
          <input id="code" name="code" value="${basket.code}" maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-note" />
          <button class="quiet" type="submit">Apply</button>
        </div>
        ${codeNote(quote)}
      </div>
      <div class="field">
        <label for="email">Customer’s e-mail</label>
        <input id="email" name="email" type="email" required value="${basket.email}" autocomplete="off" aria-describedby="email-note" />
        <p class="note" id="email-note">The same address later is a customer whom Laurel knows.</p>
      </div>
      <fieldset class="choices">
        <legend>Payment</legend>
        <label><input type="radio" name="delayed" value="no" ${basket.delayed ? "" : "checked"} /><span>Card, paid at once</span></label>
        <label><input type="radio" name="delayed" value="yes" ${basket.delayed ? "checked" : ""} /><span>Bank debit, arrives later or fails</span></label>
      </fieldset>
      ${totals(basket, quote)}
    </section>
  </form>
  <section id="purchases" class="purchases" aria-labelledby="purchases-title">
    <h2 id="purchases-title">Purchases</h2>
    ${
      purchases.length === 0
        ? html`<p class="empty">Nothing was bought here yet. The first purchase appears here, ready to be refunded.</p>`
        : html`<ul class="rows" role="list">
            ${purchases.map(purchaseRow)}
          </ul>`
    }
  </section>
`;

const arrivalNote = (basket: Basket): Html | string =>
  basket.click
    ? html`<div class="arrival">
        <p>
          <strong>You came by an ambassador’s link.</strong> The click
          <code>${basket.click}</code> goes along with the purchase.
        </p>
        <form method="post" action="/shop/forget"><button class="quiet" type="submit">Forget the link</button></form>
      </div>`
    : "";

const codeNote = ({ code }: Quote): Html =>
  html`<p class="note ${code?.state === "unknown" ? "bad" : code ? "good" : ""}" id="code-note" data-live>
    ${
      !code
        ? "An ambassador’s code gives a discount and names who sent the customer."
        : code.state === "applied"
          ? `${code.text} is active at Stripe: ${code.percentOff === null ? "a fixed discount" : `${code.percentOff}% off`}.`
          : `${code.text} is not an active code at Stripe. The purchase would go without it.`
    }
  </p>`;

const totals = (basket: Basket, quote: Quote): Html => {
  const { tax } = terms[basket.currency];
  const show = (amount: number) => money(amount, basket.currency);
  const row = (name: string, amount: string, kind = "") =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${amount}</dd></div>`;
  return html`<div id="totals" data-live aria-live="polite">
    ${
      quote.lines.length === 0
        ? html`<p class="empty">The basket is empty. Choose how many of something.</p>`
        : html`<dl class="sums">
            ${quote.lines.map((line) => row(`${line.quantity} × ${line.name}`, show(line.subtotal)))}
            ${quote.discount ? row(`Discount ${quote.code?.text ?? ""}`, `−${show(quote.discount)}`, "good") : ""}
            ${tax.inclusive ? "" : row(`${tax.name} ${tax.percentage}%`, show(quote.tax))} ${row("Parcel", show(quote.shipping))}
            ${row("To pay", show(quote.total), "total")}
            ${tax.inclusive ? row(`of which ${tax.name} ${tax.percentage}%`, show(quote.tax), "minor") : ""}
            ${row("Commission counts on", show(quote.base), "minor")}
          </dl>`
    }
    <button class="pay" type="submit" formaction="/shop/pay" data-busy="Paying …" ${quote.lines.length === 0 ? "disabled" : ""}>
      ${quote.lines.length === 0 ? "Pay" : `Pay ${show(quote.total)}`}
    </button>
    <p class="note centred">A demo payment. Commission counts on the goods after discount, without tax and shipping.</p>
  </div>`;
};

const purchaseRow = (purchase: Purchase): Html => {
  const { session, lines } = purchase;
  return html`<li class="row card">
    <div class="row-main">
      <a class="row-title" href="/shop/purchases/${session.id}">${goodsOf(lines)}</a>
      <p class="row-facts">
        ${time(session.created * 1000)} <span>${session.customer_details?.email ?? ""}</span>
        ${purchase.codeText ? html`<span class="tag">${purchase.codeText}</span>` : ""}
        ${session.client_reference_id ? html`<span class="tag">came by link</span>` : ""}
      </p>
    </div>
    <div class="row-side">
      ${chip(purchase)}
      <strong class="amount">${money(session.amount_total ?? 0, session.currency ?? "eur")}</strong>
    </div>
    ${refundForms(purchase, { folded: true })}
  </li>`;
};
