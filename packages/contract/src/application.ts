import * as z from "zod";
import { country, cursor, day, email, httpUrl, instant, line, linkToken, pageOf, prose } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { MailTrouble } from "./mail.ts";
import { QuestionAnswer, QuestionAnswers } from "./question.ts";
import { applicationStatuses, channelKinds, type DeclineReason, declineReasons } from "./sets.ts";

export const Channel = z
  .strictObject({
    kind: z.enum(channelKinds),
    handle: line(100).optional().meta({ example: "@ada.runs" }),
    url: httpUrl.optional().meta({ example: "https://example.com/ada" }),
    followers: z.int().min(0, "is not negative").max(2_000_000_000),
  })
  .refine((channel) => channel.handle !== undefined || channel.url !== undefined, {
    path: ["handle"],
    message: "give a handle or a web address",
  });
export type Channel = z.infer<typeof Channel>;

const declineReason = z.enum(Object.keys(declineReasons) as [DeclineReason, ...DeclineReason[]]);

export const Reapply = z.discriminatedUnion("policy", [
  z.strictObject({ policy: z.literal("now") }),
  z.strictObject({ policy: z.literal("after_days"), days: z.int().min(1).max(730) }),
  z.strictObject({ policy: z.literal("never") }),
]);
export type Reapply = z.infer<typeof Reapply>;

export const SubmitApplication = z
  .strictObject({
    name: line(80),
    email,
    country,
    channels: z.array(Channel).min(1, "give at least one channel").max(10, "has at most 10 channels"),
    niche: line(60).meta({ description: "What the channels are about", example: "Running" }),
    why: prose(2000, 10).meta({ example: "I have run in your shoes for two years and my friends keep asking." }),
    ageConfirmed: z.literal(true, "must be confirmed"),
    guidelinesVersion: line(40),
    termsVersion: line(40),
    privacyVersion: line(40),
    marketingConsent: z.boolean().default(false),
    answers: QuestionAnswers.default({}).meta({
      description: "To the program's own questions, by their ids; those of `GET /api/program/public`",
    }),
  })
  .meta({ id: "SubmitApplication" });
export type SubmitApplication = z.infer<typeof SubmitApplication>;

/** Neutral on purpose: the same answer for a new address, a second try and a person who may not apply. */
export const CheckYourMail = z.object({ status: z.literal("check_your_mail") }).meta({ id: "CheckYourMail" });

export const ApplicationLink = z.strictObject({ token: linkToken }).meta({ id: "ApplicationLink" });

/** What the applicant sees: no note, no marketer's name. */
export const ApplicantView = z
  .object({
    id: idSchema("application"),
    status: z.enum(applicationStatuses),
    submittedAt: instant,
    confirmedAt: instant.nullable(),
    decision: z
      .object({
        outcome: z.enum(["approved", "waitlisted", "declined"]),
        decidedAt: instant,
        reason: declineReason.nullable(),
        reasonText: z.string().nullable(),
        reapply: z.enum(["now", "after_days", "never"]).nullable(),
        reapplyOn: day.nullable().meta({ description: "The first day on which a new application is welcome" }),
      })
      .nullable(),
    canWithdraw: z.boolean(),
  })
  .meta({ id: "ApplicantView" });
export type ApplicantView = z.infer<typeof ApplicantView>;
export const ApplicantViewAnswer = z.object({ application: ApplicantView });

export const Decision = z.object({
  outcome: z.enum(["approved", "waitlisted", "declined"]),
  decidedAt: instant,
  decidedBy: z.string().meta({ description: "The id of the person who decided" }),
  decidedByName: z.string().nullable(),
  reason: declineReason.nullable(),
  note: z.string().nullable().meta({ description: "For the team only" }),
  reapply: Reapply.nullable(),
});

/** What staff see. */
export const Application = z
  .object({
    id: idSchema("application"),
    status: z.enum(applicationStatuses),
    name: z.string(),
    email: z.string(),
    country: z.string(),
    channels: z.array(
      z.object({
        kind: z.enum(channelKinds),
        handle: z.string().optional(),
        url: z.string().optional(),
        followers: z.int(),
      }),
    ),
    maxFollowers: z.int(),
    niche: z.string(),
    why: z.string(),
    answers: z.array(QuestionAnswer).meta({ description: "To the program's own questions, as they were asked" }),
    marketingConsent: z.boolean(),
    accepted: z.object({
      guidelinesVersion: z.string(),
      termsVersion: z.string(),
      privacyVersion: z.string(),
      at: instant,
    }),
    submittedAt: instant,
    confirmedAt: instant.nullable(),
    decision: Decision.nullable(),
    ambassadorId: idSchema("ambassador").nullable(),
    mailTrouble: MailTrouble.nullable().meta({
      description: "What keeps mail from the applicant, where anything does",
    }),
    undoForMs: z
      .int()
      .nullable()
      .meta({ description: "So many milliseconds from now the decision can still be undone; null where it can't" }),
  })
  .meta({ id: "Application" });
export type Application = z.infer<typeof Application>;
export const ApplicationPage = pageOf(Application);

export const ListApplications = z.strictObject({
  status: z
    .enum(applicationStatuses)
    .default("confirmed")
    .meta({ description: "confirmed is the queue of those who wait for a decision" }),
  niche: line(60).optional(),
  country: country.optional(),
  minFollowers: z.coerce.number().int().min(0).optional(),
  q: line(100).optional().meta({
    description:
      "Words that all stand somewhere in name, niche, why, channels or answers, without regard to case and accents",
  }),
  cursor: cursor.optional(),
});

export const ApproveApplication = z
  .strictObject({
    campaignId: idSchema("campaign")
      .optional()
      .meta({ description: "Whose offer the code carries; the program's default campaign without it" }),
    tierId: idSchema("tier").optional(),
    note: prose(1000).optional(),
  })
  .meta({ id: "ApproveApplication" });
export const WaitlistApplication = z.strictObject({ note: prose(1000).optional() }).meta({ id: "WaitlistApplication" });
export const UndoDecision = z
  .strictObject({
    decidedAt: instant
      .optional()
      .meta({ description: "Names the decision, so that one that somebody made meanwhile is left alone" }),
  })
  .meta({ id: "UndoDecision" });
export const DeclineApplication = z
  .strictObject({
    reason: declineReason,
    note: prose(1000).optional(),
    reapply: Reapply.default({ policy: "after_days", days: 90 }),
  })
  .meta({ id: "DeclineApplication" });

const applicationIds = z
  .array(idSchema("application"))
  .min(1, "names at least one application")
  .max(500, "names at most 500 applications")
  .refine((ids) => new Set(ids).size === ids.length, "names an application twice");

/** One decision for many: the same fields as for one. */
export const BulkDecision = z
  .discriminatedUnion("action", [
    ApproveApplication.extend({ action: z.literal("approve"), ids: applicationIds }),
    DeclineApplication.extend({ action: z.literal("decline"), ids: applicationIds }),
  ])
  .meta({ id: "BulkDecision" });
export type BulkDecision = z.infer<typeof BulkDecision>;
