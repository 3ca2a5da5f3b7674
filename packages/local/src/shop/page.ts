import { exponentOf, formatMoney } from "@laurel/core/kernel";
import { html } from "hono/html";
import { mark } from "./art.ts";

export type Html = ReturnType<typeof html>;

/** The frame of every page of the shop; it never lets one forget that this is a play. */
export const page = (title: string, portalUrl: string, content: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} · Demo shop</title>
    <link rel="icon" href="/shop/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/shop/shop.css" />
    <script src="/shop/shop.js" defer></script>
  </head>
  <body>
    <a class="skip" href="#content">Skip to content</a>
    <aside class="strip" aria-label="About this page">
      <p><strong>Local demo.</strong> No money moves: the shop and Stripe are played on this machine. Laurel answers for real.</p>
    </aside>
    <header class="top">
      <a class="brand" href="/shop">${mark}<span>Demo shop</span></a>
      <nav aria-label="Shop">
        <a href="/shop#purchases">Purchases</a>
        <a href="${portalUrl}">Laurel portal</a>
      </nav>
    </header>
    <main id="content" tabindex="-1">${content}</main>
  </body>
</html>`;

/** @param currency as Stripe writes it, or as ISO does */
export const money = (amountMinor: number, currency: string): string =>
  formatMoney(amountMinor, currency.toUpperCase());

/** What was bought, in one line that breaks only between things. */
export const goodsOf = (lines: readonly { quantity: number | null; description: string | null }[]): string =>
  lines
    .map(({ quantity, description }) => (quantity === 1 ? description : `${quantity}\u00a0×\u00a0${description}`))
    .join(", ");

/** An amount as a person types it into a field. */
export const plainAmount = (amountMinor: number, currency: string): string => {
  const exponent = exponentOf(currency.toUpperCase());
  return (amountMinor / 10 ** exponent).toFixed(exponent);
};

/** Reads an amount as a person types it, with a comma or a point; undefined when it is none, or has too many decimals. */
export function readAmount(text: string, currency: string): number | undefined {
  const exponent = exponentOf(currency.toUpperCase());
  const match = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim());
  if (!match || (match[2]?.length ?? 0) > exponent) return undefined;
  return Number(match[1]! + (match[2] ?? "").padEnd(exponent, "0"));
}

/** `2026-11-22T19:31:05.000Z` for machines, `22 Nov 2026, 19:31` for people, in this machine's time zone. */
export const time = (ms: number): Html =>
  html`<time datetime="${new Date(ms).toISOString()}">${new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(ms)}</time>`;
