import { intend } from "../effect/effect.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import type { Write } from "../table/transact.ts";
import type { OrderItem } from "./order.entity.ts";
import type { Change } from "./state.ts";

/** What became of an event, for the inbox: one sentence that a person understands. */
export interface Outcome {
  status: "processed" | "ignored" | "unprocessable";
  sentence: string;
  orderId?: string | undefined;
}

export interface Taken {
  /** False when another run had decided the event already. */
  mine: boolean;
  outcome: Outcome | undefined;
}

/** What a fact leads to. */
export interface Decided {
  outcome: Outcome;
  writes: Write[];
}

/** An order with whose it is, and what is written beside it for that. */
export interface AttributedOrder {
  order: OrderItem;
  winner?: Change["winner"];
  writes: Write[];
  /** The code that is being looked up. */
  waitingFor?: string | undefined;
}

/** So often a decision is made anew because something else moved. */
export const rounds = 6;

export const busy = () =>
  new AppError(
    "unavailable",
    "order.busy",
    "The order changes too fast to be decided now; it is tried again by itself.",
    { retryAfterMs: 1000 },
  );

/** A checkout is told beside its invoice; so long it may come later by itself before it is asked for. */
const checkoutGraceMs = 3 * 60_000;

/** Looks for the checkout of a payment, unless that is told by itself in the meantime. */
export const findCheckout = (ctx: Context, orderId: string): Write[] =>
  intend(
    ctx,
    "order.find_checkout",
    orderId,
    {},
    {
      notBefore: new Date(ctx.now().getTime() + checkoutGraceMs).toISOString(),
    },
  );
