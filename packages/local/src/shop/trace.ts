import { html } from "hono/html";
import type { Attempt, DeliveredEvent, Step } from "../stripe/index.ts";
import { type Html, money, time } from "./page.ts";

interface Told {
  title: string;
  text: string;
}

/** What a step was, in the words of whoever watches. */
function tellOf(step: Step): Told {
  const types = step.events.map(({ event }) => event.type);
  const { request } = step;
  if (request?.path === "/v1/checkout/sessions")
    return { title: "The shop asked Stripe for a checkout", text: "Nothing is bought yet, so Stripe tells nobody." };
  if (request?.path === "/v1/refunds") {
    const refund = step.events.find(({ event }) => event.type === "refund.created")?.event.data.object as
      | { amount: number; currency: string }
      | undefined;
    return {
      title: refund ? `The shop refunded ${money(refund.amount, refund.currency)}` : "The shop asked for a refund",
      text: "Stripe gives the money back and tells Laurel twice: of this refund, and of all that the charge has given back so far.",
    };
  }
  const completed = step.events.find(({ event }) => event.type === "checkout.session.completed")?.event.data.object;
  if (completed)
    return (completed as { payment_status?: string }).payment_status === "unpaid"
      ? {
          title: "The customer ordered, and the bank has yet to pay",
          text: "Stripe tells Laurel. Laurel keeps the order as pending: nothing is earned until the money is there.",
        }
      : {
          title: "The customer paid",
          text: "Stripe tells Laurel. Laurel checks the signature, stores the event, and decides who is credited.",
        };
  if (types.includes("checkout.session.async_payment_succeeded"))
    return { title: "The bank’s money arrived", text: "The pending order becomes a sale." };
  if (types.includes("checkout.session.async_payment_failed"))
    return { title: "The bank did not pay", text: "The pending order is void." };
  if (types.includes("refund.failed"))
    return { title: "A refund failed", text: "The money stays with the shop, so what was reversed comes back." };
  if (types.includes("refund.updated"))
    return { title: "A refund arrived", text: "Nothing more changes: a refund counts from the moment it is made." };
  return { title: request ? `${request.method} ${request.path}` : "Stripe told Laurel", text: "" };
}

export function stepCard(step: Step, number: number, sessionId: string, newest: boolean): Html {
  const { title, text } = tellOf(step);
  return html`<li class="step" id="step-${step.requestId}">
    <span class="number" aria-hidden="true">${number}</span>
    <div class="step-body">
      <div class="step-title"><h3>${title}</h3>${step.atMs ? time(step.atMs) : ""}</div>
      ${text ? html`<p class="lead">${text}</p>` : ""}
      ${
        step.request
          ? html`<details class="exchange">
              <summary><span class="route">Shop → Stripe</span> <code>${step.request.method} ${step.request.path}</code> ${answerChip(step.request.status, "Stripe")}</summary>
              ${code("The parameters that were sent", pretty(JSON.stringify(step.request.params)))}
            </details>`
          : ""
      }
      ${step.events.map((told) => eventCard(told, sessionId, newest))}
    </div>
  </li>`;
}

function eventCard({ event, attempts, nextAtMs }: DeliveredEvent, sessionId: string, open: boolean): Html {
  const last = attempts.at(-1);
  const main = open && mainEvents.has(event.type);
  return html`<details class="exchange" ${main ? "open" : ""}>
    <summary>
      <span class="route">Stripe → Laurel</span> <code>${event.type}</code> ${last ? answerChip(last.status, "Laurel") : html`<span class="chip wait">On its way</span>`}
      ${attempts.length > 1 ? html`<span class="times">${attempts.length} times</span>` : ""}
    </summary>
    ${factsOf(event.data.object as unknown as Record<string, unknown>)} ${last ? exchange(last) : ""}
    ${
      nextAtMs !== null
        ? html`<p class="note">Stripe tries again by itself, next at ${time(nextAtMs)}. Reload the page to see the answer.</p>`
        : ""
    }
    ${
      attempts.length > 1
        ? html`<ul class="attempts" role="list">
            ${attempts.map((attempt, at) => html`<li><span>Delivery ${at + 1}, ${time(attempt.atMs)}</span> ${answerChip(attempt.status, "Laurel")}</li>`)}
          </ul>`
        : ""
    }
    <form method="post" action="/shop/purchases/${sessionId}/again">
      <input type="hidden" name="event" value="${event.id}" />
      <button class="quiet small" type="submit">Send it once more</button>
      <span class="note">Stripe may do so too. Laurel must count it once.</span>
    </form>
  </details>`;
}

/** The few lines of a long body that decide what Laurel does. */
function factsOf(object: Record<string, unknown>): Html | string {
  const currency = String(object.currency ?? "eur");
  const amount = (value: unknown) => (typeof value === "number" ? money(value, currency) : undefined);
  const details = (object.total_details ?? {}) as Record<string, unknown>;
  const discount = (object.discounts as { promotion_code: string | null }[] | undefined)?.[0];
  const facts: [string, unknown][] =
    object.object === "checkout.session"
      ? [
          ["Payment", object.payment_status],
          ["Total", amount(object.amount_total)],
          ["Discount", amount(details.amount_discount)],
          ["Tax", amount(details.amount_tax)],
          ["Shipping", amount(details.amount_shipping)],
          ["Promotion code", discount?.promotion_code],
          ["Click", object.client_reference_id],
        ]
      : object.object === "refund"
        ? [
            ["This refund", amount(object.amount)],
            ["State", object.status],
          ]
        : object.object === "charge" && object.amount_refunded
          ? [
              ["Refunded so far", amount(object.amount_refunded)],
              ["Of", amount(object.amount)],
            ]
          : [];
  const known = facts.filter(([, value]) => value !== undefined && value !== null);
  return known.length
    ? html`<dl class="facts">${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
    : "";
}

const mainEvents = new Set<string>([
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "checkout.session.async_payment_failed",
  "refund.created",
  "refund.failed",
]);

const exchange = (attempt: Attempt): Html => html`
  <div class="said">
    <p class="eyebrow">Laurel answered after ${attempt.durationMs} ms</p>
    ${code(`Laurel’s answer to delivery ${attempt.attempt}`, `${attempt.status === null ? "" : `HTTP ${attempt.status}\n`}${pretty(attempt.answer) || "(no body)"}`)}
    <p class="eyebrow">Stripe had sent</p>
    ${code(
      "The request that was sent",
      `POST ${new URL(attempt.url).pathname}\nContent-Type: application/json; charset=utf-8\nStripe-Signature: ${attempt.signature}\n\n${pretty(attempt.body)}`,
    )}
  </div>
`;

const answerChip = (status: number | null, who: string): Html => {
  const good = status !== null && status >= 200 && status < 300;
  return html`<span class="chip ${good ? "good" : "bad"}">${status === null ? `${who} did not answer` : `${who} answered ${status}`}</span>`;
};

/** A block that scrolls by itself, and so must be reachable by keyboard. */
const code = (label: string, text: string): Html =>
  html`<pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`;

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
