import type Stripe from "stripe";
import type { Json } from "../checkout/json.ts";
import type { OfConnection, StripeLookUp } from "./port.ts";
import { refusalCode } from "./refusal.ts";

/** More lines than any real invoice has; Stripe allows 250 of a subscription and as many items more. */
const mostLines = 2_000;
const mostFound = 20;
/** Stripe's own limit. */
const eventsAPage = 100;

/** By Connect the platform's key asks for one of its accounts: https://docs.stripe.com/connect/authentication */
export const forAccount = ({ account }: OfConnection) => (account ? { stripeAccount: account } : {});

/** What is asked of Stripe to learn what an event did not tell. Objects come as the API has them now, in the SDK's own version. */
export function createStripeLookUp(
  ask: <T>(connectionId: string, question: (stripe: Stripe) => Promise<T>) => Promise<T>,
): StripeLookUp {
  return {
    getObject: (of, path, expand = []) => {
      const query = expand.map((each) => `expand[]=${encodeURIComponent(each)}`).join("&");
      const whole = query ? `${path}?${query}` : path;
      return ask(of.id, (stripe) =>
        whereItExists(() => stripe.rawRequest("GET", whole, {}, forAccount(of)) as Promise<Json>),
      );
    },

    getInvoice: (of, id) =>
      ask(of.id, async (stripe) => {
        if (!isId(id)) return undefined;
        const invoice = await whereItExists(() =>
          stripe.invoices.retrieve(id, { expand: ["discounts", "lines.data.discounts", "payments"] }, forAccount(of)),
        );
        if (!invoice) return undefined;
        const found: Json = { ...invoice };
        if (!invoice.lines?.has_more) return found;
        const data = await stripe.invoices
          .listLineItems(id, { limit: 100, expand: ["data.discounts"] }, forAccount(of))
          .autoPagingToArray({ limit: mostLines });
        return { ...found, lines: { ...invoice.lines, data, has_more: false } };
      }),

    findSessions: (of, by) =>
      ask(of.id, async (stripe) => {
        const { data } = await stripe.checkout.sessions.list(
          "subscription" in by
            ? { subscription: by.subscription, limit: mostFound }
            : { payment_intent: by.paymentIntent, limit: mostFound },
          forAccount(of),
        );
        return data.filter((each) => each.status === "complete").map((each): Json => ({ ...each }));
      }),

    findInvoicePayments: (of, by) =>
      ask(of.id, async (stripe) => {
        const { data } = await stripe.invoicePayments.list(
          "invoice" in by
            ? { invoice: by.invoice, limit: mostFound }
            : { payment: { type: "payment_intent", payment_intent: by.paymentIntent }, limit: mostFound },
          forAccount(of),
        );
        return data.map((each): Json => ({ ...each }));
      }),

    listEvents: (of, { types, since, until, after }) =>
      ask(of.id, async (stripe) => {
        const { data, has_more } = await stripe.events.list(
          {
            types: [...types],
            created: { gte: secondsOf(since), lte: secondsOf(until) },
            limit: eventsAPage,
            ...(after ? { starting_after: after } : {}),
          },
          forAccount(of),
        );
        const last = data.at(-1)?.id;
        return {
          events: data.map((each) => ({ ...each }) as unknown as Json),
          ...(has_more && last ? { next: last } : {}),
        };
      }),
  };
}

const secondsOf = (at: Date): number => Math.floor(at.getTime() / 1000);

/** The id may come from an event; one that cannot be in a path is one that Stripe does not know. */
const isId = (id: string): boolean => /^\w{1,255}$/.test(id);

async function whereItExists<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (refusalCode(error) === "resource_missing") return undefined;
    throw error;
  }
}
