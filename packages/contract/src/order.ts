import * as z from "zod";
import { currency, cursor, day, instant, line, minor, pageOf, promoCode } from "./basics.ts";
import { idSchema } from "./ids.ts";

export const orderStatuses = ["pending", "paid", "partly_refunded", "refunded", "void", "merged"] as const;
export type OrderStatus = (typeof orderStatuses)[number];
export const commissionStates = ["pending", "held", "available", "reversed"] as const;
export type CommissionState = (typeof commissionStates)[number];

/** What a receipt can rest on, in the order in which the default rules believe it. */
export const signalKinds = ["promotion_code", "click", "customer"] as const;
export type SignalKind = (typeof signalKinds)[number];

/** What became of a candidate, and by which rule. */
export const candidateRules = {
  strongest_signal: "The strongest signal that named an ambassador",
  weaker_signal: "A stronger signal named somebody",
  same_ambassador: "Names the same person as the winning signal",
  not_known_yet: "The code is being looked up at the checkout",
  not_ours: "The code is not one of this program",
  unknown_click: "The click is not known here",
  outside_window: "The click is older than the rules allow",
  not_bound: "The customer is not bound to anyone",
  ambassador_banned: "The ambassador was banned when the order was placed",
} as const;
export type CandidateRule = keyof typeof candidateRules;

export const Commission = z
  .object({
    orderId: idSchema("order"),
    occurredAt: instant,
    code: z.string().nullable(),
    currency,
    baseMinor: minor,
    rateBp: z.int(),
    earnedMinor: minor,
    reversedMinor: minor,
    state: z.enum(commissionStates),
    releaseAt: instant,
    releaseDay: day.meta({ description: "The day of its release in the program's time zone" }),
  })
  .meta({ id: "Commission" });
export type Commission = z.infer<typeof Commission>;
export const CommissionPage = pageOf(Commission);

export const Order = z
  .object({
    id: idSchema("order"),
    connectionId: idSchema("connection"),
    externalIds: z
      .array(z.string())
      .meta({ description: "The checkout's own ids of this purchase; empty for ambassadors" }),
    occurredAt: instant,
    status: z.enum(orderStatuses),
    currency,
    grossMinor: minor,
    baseMinor: minor,
    refundedMinor: minor,
    attribution: z
      .object({ ambassadorId: idSchema("ambassador"), code: z.string().nullable(), reason: z.enum(signalKinds) })
      .nullable(),
    commission: z
      .object({
        earnedMinor: minor,
        reversedMinor: minor,
        state: z.enum(commissionStates),
        releaseAt: instant,
        releaseDay: day,
      })
      .nullable(),
  })
  .meta({ id: "Order" });
export type Order = z.infer<typeof Order>;
export const OrderPage = pageOf(Order);

export const ListOrders = z.strictObject({
  externalId: line(255).optional(),
  code: promoCode.optional(),
  ambassadorId: idSchema("ambassador").optional(),
  cursor: cursor.optional(),
});

/** How an order was attributed and what it earned. Staff see all of it; an ambassador sees their own signals and, for everybody else, only the rule. */
export const Receipt = z
  .object({
    orderId: idSchema("order"),
    audience: z.enum(["staff", "ambassador"]),
    revision: z.int().meta({ description: "1 for the first decision; it rises when the order is decided again" }),
    decidedAt: instant,
    summary: z.string().meta({ description: "The decision in one sentence" }),
    order: z.object({
      connectionId: z.string().nullable(),
      externalIds: z.array(z.string()),
      occurredAt: instant,
      status: z.enum(orderStatuses),
      currency,
      grossMinor: minor,
      refundedMinor: minor,
    }),
    signals: z.array(
      z.object({
        kind: z.enum(signalKinds),
        value: z.string().nullable().meta({ description: "The code or the click; never anything about the buyer" }),
        seenAt: instant.nullable(),
      }),
    ),
    candidates: z.array(
      z.object({
        who: z.string().meta({ description: "The ambassador's name, “you”, “another ambassador” or “nobody”" }),
        ambassadorId: idSchema("ambassador").nullable(),
        kind: z.enum(signalKinds).nullable(),
        code: z.string().nullable(),
        outcome: z.enum(["won", "lost"]),
        rule: z.enum(Object.keys(candidateRules) as [CandidateRule, ...CandidateRule[]]),
        explanation: z.string(),
      }),
    ),
    rules: z.object({
      version: z.int(),
      precedence: z.array(z.enum(signalKinds)),
      clickWindowDays: z.int(),
      holdDays: z.int(),
    }),
    base: z.object({
      lines: z.array(z.object({ label: z.string(), amountMinor: minor })),
      baseMinor: minor,
    }),
    rate: z.object({ tierId: idSchema("tier"), tierName: z.string(), rateBp: z.int() }).nullable(),
    commission: z
      .object({
        earnedMinor: minor,
        reversedMinor: minor,
        state: z.enum(commissionStates),
        releaseAt: instant,
        releaseDay: day,
      })
      .nullable(),
    reversals: z.array(
      z.object({
        at: instant,
        cause: z.enum(["refund", "refund_failed", "void", "correction"]),
        refundedMinor: minor.meta({ description: "Refunded so far, cumulative" }),
        reversedMinor: minor.meta({ description: "Reversed so far, cumulative" }),
      }),
    ),
    revisions: z.array(z.object({ revision: z.int(), decidedAt: instant, cause: z.string() })),
  })
  .meta({ id: "Receipt" });
export type Receipt = z.infer<typeof Receipt>;
