import * as z from "zod";
import { currency, cursor, day, instant, minor, pageOf, promoCode } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { MailTrouble } from "./mail.ts";
import { ambassadorStatuses, campaignObjectives, codeStates } from "./sets.ts";

export const Code = z
  .object({
    code: z.string(),
    state: z.enum(codeStates),
    stateReason: z.string().nullable().meta({ description: "Why it failed, in words, where it did" }),
    promotionCodeId: z
      .string()
      .nullable()
      .meta({ description: "The checkout's own id of the code, once it exists there" }),
    campaignId: idSchema("campaign"),
    campaignName: z.string(),
    offer: z.string().meta({ description: "What the customer gets, in words" }),
    link: z.string(),
    primary: z.boolean(),
    createdAt: instant,
    endsAt: instant.nullable().meta({ description: "Where another code took its place: until when it works" }),
  })
  .meta({ id: "Code" });
export type Code = z.infer<typeof Code>;
export const CodePage = pageOf(Code);

/** The text that an ambassador wishes for. Beside its shape, it must be fit to be seen in public, and free. */
export const ChooseCode = z.strictObject({ code: promoCode }).meta({ id: "ChooseCode" });
export type ChooseCode = z.infer<typeof ChooseCode>;

export const Tier = z
  .object({
    id: idSchema("tier"),
    name: z.string(),
    rateBp: z.int().meta({ description: "Commission in basis points: 1000 is 10 %" }),
    position: z.int(),
  })
  .meta({ id: "Tier" });
export type Tier = z.infer<typeof Tier>;
export const TierPage = pageOf(Tier);

export const Campaign = z
  .object({
    id: idSchema("campaign"),
    name: z.string(),
    objective: z.enum(campaignObjectives),
    offer: z.string(),
    percentOff: z.number(),
    landingUrl: z.string(),
    isDefault: z.boolean(),
    startsOn: day.nullable().meta({ description: "Its first day in the program's time zone; null for always" }),
    endsOn: day.nullable().meta({ description: "Its last day; null for no end" }),
  })
  .meta({ id: "Campaign" });
export type Campaign = z.infer<typeof Campaign>;

/** When a campaign runs. By the rules of the program its codes and links may count in that time only. */
export const ScheduleCampaign = z
  .strictObject({ startsOn: day.nullable(), endsOn: day.nullable() })
  .refine(({ startsOn, endsOn }) => !startsOn || !endsOn || startsOn <= endsOn, {
    path: ["endsOn"],
    message: "is before the first day",
  })
  .meta({ id: "ScheduleCampaign" });
export type ScheduleCampaign = z.infer<typeof ScheduleCampaign>;
export const CampaignPage = pageOf(Campaign);

export const Ambassador = z
  .object({
    id: idSchema("ambassador"),
    name: z.string(),
    status: z.enum(ambassadorStatuses),
    statusReason: z
      .string()
      .nullable()
      .meta({ description: "Why the status is so, where there is a why: approval_undone", example: "approval_undone" }),
    tier: Tier,
    country: z.string(),
    niche: z.string(),
    joinedAt: instant,
    code: z.string().meta({ description: "Their primary code" }),
  })
  .meta({ id: "Ambassador" });
export type Ambassador = z.infer<typeof Ambassador>;
export const AmbassadorPage = pageOf(Ambassador);

/** An ambassador as they see themselves. */
export const OwnAmbassador = Ambassador.extend({
  mayChooseCode: z.boolean().meta({
    description:
      "Whether they may choose a code of their own: once, and again where a checkout refused the one they chose",
  }),
}).meta({ id: "OwnAmbassador" });
export type OwnAmbassador = z.infer<typeof OwnAmbassador>;

export const AmbassadorDetail = Ambassador.extend({
  email: z.string(),
  mailTrouble: MailTrouble.nullable().meta({ description: "What keeps mail from them, where anything does" }),
  codes: z.array(Code),
}).meta({ id: "AmbassadorDetail" });
export type AmbassadorDetail = z.infer<typeof AmbassadorDetail>;

export const ListAmbassadors = z.strictObject({
  status: z.enum(ambassadorStatuses).default("active"),
  codes: z.literal("failed").optional().meta({
    description: "Only active ones whose primary code customers can't use, because a checkout does not take it",
  }),
  cursor: cursor.optional(),
});

export const ApproveAnswer = z.object({ ambassador: Ambassador, code: Code }).meta({ id: "ApproveAnswer" });

/** One currency's account of an ambassador. `availableMinor` may be negative: money already paid was refunded later. */
export const Balance = z
  .object({
    currency,
    pendingMinor: minor,
    heldMinor: minor,
    availableMinor: minor,
    inPayoutMinor: minor,
    paidMinor: minor,
  })
  .meta({ id: "Balance" });
export type Balance = z.infer<typeof Balance>;
export const Balances = z.object({ items: z.array(Balance) });
