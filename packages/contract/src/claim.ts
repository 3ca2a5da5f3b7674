import * as z from "zod";
import { cursor, day, httpUrl, instant, line, pageOf, prose } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { Order } from "./order.ts";
import { claimAnswers, claimStates } from "./sets.ts";

const Evidence = z.strictObject({
  text: prose(2000, 10),
  link: httpUrl.meta({ example: "https://example.com/p/1" }).optional(),
});

export const AskAboutOrder = z
  .strictObject({
    orderNumber: line(40).meta({ description: "What the shop calls the order", example: "#1042" }),
    orderedOn: day.meta({ description: "The day of the purchase, in the program's time zone" }),
    evidence: Evidence.optional().meta({
      description: "Why it should be yours. With it a claim is made, unless the order is yours already",
    }),
  })
  .meta({ id: "AskAboutOrder" });
export type AskAboutOrder = z.infer<typeof AskAboutOrder>;

/** A claim as the ambassador who made it sees it. */
export const OwnClaim = z
  .object({
    id: idSchema("claim"),
    orderNumber: z.string(),
    orderedOn: day,
    state: z.enum(claimStates),
    createdAt: instant,
    dueOn: day.meta({ description: "The day until which it is answered" }),
    decidedAt: instant.nullable(),
    reason: z.string().nullable().meta({ description: "Why it was decided so" }),
    orderId: idSchema("order").nullable().meta({ description: "The order, once the claim was approved" }),
  })
  .meta({ id: "OwnClaim" });
export type OwnClaim = z.infer<typeof OwnClaim>;
export const OwnClaimPage = pageOf(OwnClaim);

/** What is known at once. Nothing about the buyer, and not whose the order is. */
export const ClaimAnswer = z
  .object({
    answer: z.enum(claimAnswers),
    sentence: z.string(),
    orderId: idSchema("order").nullable().meta({ description: "The order, where it is yours" }),
    claim: OwnClaim.nullable(),
  })
  .meta({ id: "ClaimAnswer" });
export type ClaimAnswer = z.infer<typeof ClaimAnswer>;

/** A claim as staff see it. */
export const Claim = OwnClaim.extend({
  ambassador: z.object({ id: idSchema("ambassador"), name: z.string().nullable() }),
  correctionId: idSchema("correction").nullable().meta({
    description: "The correction that waits for a second person; the claim is decided with it",
  }),
  mayDecide: z.boolean().meta({ description: "Whether you may: not what concerns yourself" }),
}).meta({ id: "Claim" });
export type Claim = z.infer<typeof Claim>;
export const ClaimPage = pageOf(Claim);
export const ListClaims = z.strictObject({ state: z.enum(claimStates).default("open"), cursor: cursor.optional() });

export const ClaimDetail = Claim.extend({
  evidence: z
    .object({ text: z.string(), link: z.string().nullable() })
    .nullable()
    .meta({ description: "In the ambassador's own words; null once it was erased" }),
  orders: z.array(Order).meta({ description: "Orders of that number, those of that day first" }),
}).meta({ id: "ClaimDetail" });
export type ClaimDetail = z.infer<typeof ClaimDetail>;

export const ApproveClaim = z
  .strictObject({
    orderId: idSchema("order").meta({ description: "The order that the claim is about" }),
    version: z.int().meta({ description: "The order's version as you saw it" }),
    reason: prose(500, 3).meta({ description: "The ambassador reads it: nothing about the buyer or anybody else" }),
  })
  .meta({ id: "ApproveClaim" });
export type ApproveClaim = z.infer<typeof ApproveClaim>;
export const DeclineClaim = z.strictObject({ reason: prose(500, 3) }).meta({ id: "DeclineClaim" });
export type DeclineClaim = z.infer<typeof DeclineClaim>;
