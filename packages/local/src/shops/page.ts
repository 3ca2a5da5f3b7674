import { html } from "hono/html";
import { type Html, page } from "../shop/page.ts";
import { demoDomain, demoStoreUrl } from "./names.ts";
import type { Played } from "./played.ts";

interface Row {
  id: number;
  title: string;
  total: string;
  currency: string;
  state: string;
  code: string;
  pending: boolean;
}

const shown = 12;

/** Both shops on one page: how to connect them, and what a buyer and the merchant can do there. */
export const shopsPage = (played: Played, origin: string, problem?: string): Html =>
  page(
    "Shopify and WooCommerce",
    origin,
    html`<div class="intro">
        <h1>Two more shops, played on this machine</h1>
        <p>Connect them in the portal by what stands here, as you would a shop of yours. Then order something, pay it back, call it off, and see what Laurel makes of it.</p>
      </div>
      ${problem ? html`<p class="alert" role="alert">${problem}</p>` : ""}
      <div class="played">${shop(
        "shopify",
        "Shopify",
        [
          ["Shop", demoDomain],
          ["Admin API access token", played.keys.shopify.token],
          ["Client secret", played.keys.shopify.clientSecret],
        ],
        shopifyRows(played),
        played.shopify.hooks(demoDomain).length,
      )}
      ${shop(
        "woocommerce",
        "WooCommerce",
        [
          ["Store", demoStoreUrl],
          ["Consumer key", played.keys.woocommerce.apiKey.split(":")[0]!],
          ["Consumer secret", played.keys.woocommerce.apiKey.split(":")[1]!],
        ],
        wooRows(played),
        played.woocommerce.hooks(demoStoreUrl).filter((hook) => hook.status === "active").length,
      )}</div>`,
  );

const shop = (kind: string, name: string, keys: [string, string][], rows: Row[], hooks: number): Html =>
  html`<section class="card" aria-labelledby="${kind}">
    <h2 id="${kind}">${name}</h2>
    <dl class="facts">${keys.map(([label, value]) => html`<dt>${label}</dt><dd><code>${value}</code></dd>`)}</dl>
    <p class="note">${hooks === 0 ? "It tells nobody of its orders yet: connect it first." : `It sends ${hooks} kinds of webhooks.`}</p>
    <form class="order" method="post" action="/local/shops/${kind}/orders">
      <div class="field"><label for="${kind}-price">Price in euros, before tax</label><input id="${kind}-price" name="price" value="100.00" inputmode="decimal" required /></div>
      <div class="field"><label for="${kind}-code">Code</label><input id="${kind}-code" name="code" maxlength="40" autocomplete="off" /></div>
      <div class="field"><label for="${kind}-click">Click, from an ambassador’s link</label><input id="${kind}-click" name="click" maxlength="60" autocomplete="off" /></div>
      <div class="field"><label for="${kind}-email">Customer’s e-mail</label><input id="${kind}-email" name="email" type="email" value="casey.customer@example.com" /></div>
      <div class="choices"><label><input type="checkbox" name="pending" value="yes" /> is not paid yet</label></div>
      <button class="pay" type="submit">Order</button>
    </form>
    <ul class="rows" role="list">
      ${rows.map(
        (row) => html`<li class="row">
          <div class="row-main">
            <p class="row-title">${row.title} · ${row.total} ${row.currency}</p>
            <p class="row-facts"><span class="chip">${row.state}</span> ${row.code ? html`<span class="tag">${row.code}</span>` : ""}</p>
          </div>
          <div class="row-side pair">
            ${row.pending ? act(kind, row, "pay", "The money arrives") : act(kind, row, "refund", "Pay 10.00 back")} ${act(kind, row, "cancel", "Call it off")}
          </div>
        </li>`,
      )}
    </ul>
  </section>`;

const act = (kind: string, row: Row, what: string, label: string): Html =>
  html`<form method="post" action="/local/shops/${kind}/orders/${row.id}/${what}"><button class="quiet small" type="submit">${label}<span class="unseen">: ${row.title}</span></button></form>`;

const shopifyRows = ({ shopify }: Played): Row[] =>
  shopify
    .orders(demoDomain)
    .slice(-shown)
    .reverse()
    .map((order) => ({
      id: order.id,
      title: String(order.name),
      total: String(order.total_price),
      currency: order.currency,
      state: order.cancelled_at ? "cancelled" : order.financial_status.replace("_", " "),
      code: (order.discount_codes as { code: string }[])[0]?.code ?? "",
      pending: order.financial_status === "pending",
    }));

const wooRows = ({ woocommerce }: Played): Row[] =>
  woocommerce
    .orders(demoStoreUrl)
    .slice(-shown)
    .reverse()
    .map((order) => ({
      id: order.id,
      title: `#${order.id}`,
      total: order.total,
      currency: order.currency,
      state: order.status,
      code: (order.coupon_lines as { code: string }[])[0]?.code ?? "",
      pending: order.date_paid_gmt === null,
    }));
