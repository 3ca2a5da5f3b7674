import * as z from "zod";
import { currency, cursor, httpUrl, instant, line, minor, pageOf, prose } from "./basics.ts";
import { FraudSettings, PatchFraudSettings } from "./flag.ts";
import { idSchema } from "./ids.ts";
import { PutQuestions, Question } from "./question.ts";
import { clickTouches, rankedSignals, severalCodesRules } from "./sets.ts";

const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, "is not a time zone name such as Europe/Berlin");

/** Who an order belongs to. Each change makes a new version; receipts name the one they were decided by. */
export const Rules = z
  .object({
    version: z.int(),
    precedence: z.array(z.enum(rankedSignals)).meta({ description: "Which signal is believed first" }),
    clickWindowDays: z.int().meta({ description: "How old a click may be when the order is placed" }),
    clickTouch: z.enum(clickTouches).meta({ description: "Which of several clicks counts" }),
    severalCodes: z.enum(severalCodesRules).meta({ description: "Which of several codes of this program counts" }),
    newCustomersOnly: z
      .boolean()
      .meta({ description: "Codes and clicks count only for customers who had not bought before" }),
    countOwnOrders: z.boolean().meta({ description: "Whether ambassadors earn by what they buy themselves" }),
    bindingMonths: z.int().nullable().meta({
      description: "So long a customer stays with the ambassador who brought them; 0 not at all, null for ever",
    }),
    renewalMonths: z.int().nullable().meta({
      description:
        "So long the payments of a subscription earn, from its start on; 0 the first paid one only, null for ever",
    }),
    campaignDates: z.boolean().meta({ description: "Whether a code counts only while its campaign runs" }),
    countOutOfBand: z.boolean().meta({ description: "Whether invoices paid outside of the checkout earn" }),
  })
  .meta({ id: "Rules" });
export type Rules = z.infer<typeof Rules>;

/** A version of the rules and since when it was in force. */
export const SavedRules = Rules.extend({
  savedAt: instant,
  savedBy: z
    .object({ id: z.string(), name: z.string().nullable().meta({ description: "Null once they were erased" }) })
    .nullable()
    .meta({ description: "Who put it in force; null for the program itself, and where that was not kept" }),
}).meta({ id: "SavedRules" });
export type SavedRules = z.infer<typeof SavedRules>;
export const SavedRulesPage = pageOf(SavedRules);
export const ListRules = z.strictObject({ cursor: cursor.optional() });

/** Amounts in minor units, by currency. */
const ApproveAbove = z
  .array(z.strictObject({ currency, amountMinor: minor.min(0) }))
  .max(50)
  .refine((each) => new Set(each.map((one) => one.currency)).size === each.length, "names each currency once");

/** A text that people accept, by version. */
const Document = z.object({ version: z.string(), url: z.string() });

export const Program = z
  .object({
    name: z.string(),
    voice: z.string().meta({ description: "A sentence or two in the brand's own voice, shown to applicants" }),
    timeZone: z.string(),
    currency,
    holdDays: z.int(),
    shopUrl: z.string(),
    senderName: z.string(),
    replyTo: z.string().nullable(),
    niches: z.array(z.string()),
    questions: z.array(Question).meta({ description: "What applicants are asked beside what every application has" }),
    guidelines: Document,
    terms: Document,
    privacy: Document,
    rules: Rules,
    approveAbove: ApproveAbove.meta({
      description:
        "A correction by hand that moves more than this waits for a second person. In a currency that is not named every one does",
    }),
    claimDays: z.int().meta({ description: "So many days after it was made a claim is due" }),
    fraud: FraudSettings,
    version: z.int().meta({ description: "Rises with each change; send back the one you saw" }),
    updatedAt: instant,
  })
  .meta({ id: "Program" });
export type Program = z.infer<typeof Program>;

/** What anyone may see: enough to show the application form. */
export const PublicProgram = Program.pick({
  name: true,
  voice: true,
  shopUrl: true,
  niches: true,
  questions: true,
  guidelines: true,
  terms: true,
  privacy: true,
}).meta({
  id: "PublicProgram",
});
export type PublicProgram = z.infer<typeof PublicProgram>;

const documentPatch = z.strictObject({ version: line(40), url: httpUrl });
export const PatchProgram = z
  .strictObject({
    version: z.int(),
    name: line(60).optional(),
    voice: prose(500).optional(),
    timeZone: timeZone.optional(),
    holdDays: z.int().min(0).max(365).optional(),
    shopUrl: httpUrl.optional(),
    senderName: line(60).optional(),
    replyTo: z.email().max(254).nullable().optional(),
    niches: z.array(line(60)).max(50).optional(),
    questions: PutQuestions.optional().meta({
      description:
        "The whole list in its order. Give the id of each question that exists; what is left out is asked no more",
    }),
    guidelines: documentPatch.optional(),
    approveAbove: ApproveAbove.optional(),
    claimDays: z.int().min(1).max(90).optional(),
    fraud: PatchFraudSettings.optional(),
    terms: documentPatch.optional(),
    privacy: documentPatch.optional(),
    rules: z
      .strictObject({
        precedence: z
          .array(z.enum(rankedSignals))
          .min(1)
          .refine((kinds) => new Set(kinds).size === kinds.length, "names each signal once")
          .optional(),
        clickWindowDays: z.int().min(1).max(365).optional(),
        clickTouch: z.enum(clickTouches).optional(),
        severalCodes: z.enum(severalCodesRules).optional(),
        newCustomersOnly: z.boolean().optional(),
        countOwnOrders: z.boolean().optional(),
        bindingMonths: z.int().min(0).max(120).nullable().optional(),
        renewalMonths: z.int().min(0).max(120).nullable().optional(),
        campaignDates: z.boolean().optional(),
        countOutOfBand: z.boolean().optional(),
      })
      .optional(),
  })
  .meta({ id: "PatchProgram" });
export type PatchProgram = z.infer<typeof PatchProgram>;

export const Audit = z
  .object({
    id: idSchema("audit"),
    at: instant,
    actor: z.object({
      kind: z.enum(["person", "system", "public"]),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    action: z.string().meta({ example: "application.approved" }),
    subject: z.string().meta({ description: "The id of what was changed" }),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    note: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: "Audit" });
export type Audit = z.infer<typeof Audit>;
export const AuditPage = pageOf(Audit);
export const ListAudit = z.strictObject({ subject: line(100).optional(), cursor: cursor.optional() });

export const Health = z.object({ status: z.literal("ok"), program: z.string(), time: instant }).meta({ id: "Health" });
