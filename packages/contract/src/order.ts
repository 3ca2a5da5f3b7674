import * as z from "zod";
import { currency, cursor, day, instant, line, minor, pageOf, promoCode } from "./basics.ts";
import { idSchema } from "./ids.ts";
import {
  type CandidateRule,
  candidateRules,
  clickTouches,
  commissionStates,
  customerKinds,
  orderStatuses,
  rankedSignals,
  reversalCauses,
  severalCodesRules,
  signalKinds,
} from "./sets.ts";

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
    disputedMinor: minor.meta({ description: "Withdrawn by disputes and not come back" }),
    number: z.string().nullable().meta({ description: "What the shop and the buyer call the order" }),
    subscriptionId: z
      .string()
      .nullable()
      .meta({ description: "The checkout's id of the subscription it is a payment of" }),
    mergedInto: idSchema("order").nullable().meta({ description: "The order that stands for this purchase" }),
    newCustomer: z.boolean().nullable().meta({
      description: "Whether the buyer had not bought before, as far as anyone knew then; null for nobody knows",
    }),
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
  number: line(40).optional().meta({ description: "What the shop and the buyer call it; signs do not matter" }),
  code: promoCode.optional(),
  ambassadorId: idSchema("ambassador").optional(),
  customer: z
    .enum(customerKinds)
    .optional()
    .meta({ description: "Only orders of those who had not bought before, or of those who had" }),
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
      version: z.int().meta({ description: "Rises with each change; send back the one you saw when you correct it" }),
      number: z.string().nullable().meta({ description: "What the shop and the buyer call the order" }),
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
      precedence: z.array(z.enum(rankedSignals)),
      clickWindowDays: z.int(),
      clickTouch: z.enum(clickTouches),
      severalCodes: z.enum(severalCodesRules),
      newCustomersOnly: z.boolean(),
      countOwnOrders: z.boolean(),
      bindingMonths: z.int().nullable(),
      renewalMonths: z.int().nullable(),
      campaignDates: z.boolean(),
      countOutOfBand: z.boolean(),
      holdDays: z.int(),
    }),
    inputs: z.object({
      newCustomer: z
        .boolean()
        .nullable()
        .meta({ description: "Whether the buyer had not bought before, as far as anyone knew; null for nobody knows" }),
      subscription: z
        .object({
          part: z.enum(["start", "renewal"]),
          beganAt: instant,
          first: z
            .boolean()
            .meta({ description: "Whether it is the subscription's first payment of more than nothing" }),
        })
        .nullable(),
    }),
    base: z.object({
      lines: z.array(z.object({ label: z.string(), amountMinor: minor })),
      baseMinor: minor,
    }),
    holds: z
      .array(
        z.object({
          reason: z.string(),
          sentence: z.string(),
          since: instant,
          until: instant.nullable().meta({ description: "When it ends by itself, where it does" }),
        }),
      )
      .meta({ description: "What keeps the commission from being released; empty where nothing does" }),
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
        cause: z.enum(reversalCauses),
        refundedMinor: minor.meta({ description: "Refunded so far, cumulative" }),
        disputedMinor: minor.meta({ description: "Withdrawn by disputes and not come back, cumulative" }),
        reversedMinor: minor.meta({ description: "Reversed so far, cumulative" }),
      }),
    ),
    revisions: z.array(z.object({ revision: z.int(), decidedAt: instant, cause: z.string() })),
  })
  .meta({ id: "Receipt" });
export type Receipt = z.infer<typeof Receipt>;
