import * as z from "zod";
import { currency, cursor, instant, minor, pageOf, promoCode, prose } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { flagRules, flagSeverities, flagStates } from "./sets.ts";

/** A fraud signal on one order. Never says anything about the buyer beyond what its rule compares. */
export const Flag = z
  .object({
    id: idSchema("flag"),
    orderId: idSchema("order"),
    orderNumber: z.string().nullable(),
    orderedAt: instant,
    ambassadorId: idSchema("ambassador"),
    ambassadorName: z.string(),
    code: z.string().nullable().meta({ description: "The code of the order, where one named the ambassador" }),
    rule: z.enum(flagRules),
    title: z.string().meta({ example: "The ambassador's own e-mail" }),
    severity: z.enum(flagSeverities),
    state: z.enum(flagStates),
    evidence: z.array(z.string()).meta({ description: "What was seen, in sentences" }),
    raisedAt: instant,
    expiresAt: instant.meta({ description: "When it stops holding the money if nobody has looked" }),
    held: z
      .object({ currency, amountMinor: minor })
      .nullable()
      .meta({ description: "What it holds at the moment; null where it holds nothing" }),
    otherHolds: z.int().meta({ description: "How many other reasons hold the same money" }),
    resolution: z
      .object({ at: instant, byName: z.string().nullable(), reason: z.string().nullable() })
      .nullable()
      .meta({ description: "Null while it is open; by nobody where it expired" }),
    mayResolve: z.boolean().meta({ description: "Whether you may: not what concerns yourself" }),
    mayConfirm: z.boolean().meta({ description: "Whether you may also confirm it: not what you raised yourself" }),
  })
  .meta({ id: "Flag" });
export type Flag = z.infer<typeof Flag>;
export const FlagPage = pageOf(Flag);

export const ListFlags = z.strictObject({
  state: z.enum(flagStates).default("open"),
  ambassadorId: idSchema("ambassador").optional(),
  cursor: cursor.optional(),
});

export const ResolveFlag = z
  .strictObject({
    outcome: z.enum(["cleared", "confirmed"]).meta({
      description: "Cleared releases what nothing else holds. Confirmed takes the order from its ambassador",
    }),
    reason: prose(500, 3).meta({ description: "Why. Only the team reads it: nothing about the buyer" }),
  })
  .meta({ id: "ResolveFlag" });
export type ResolveFlag = z.infer<typeof ResolveFlag>;

/** One end for many: as many of them as a leaked code brings about. */
export const BulkResolveFlags = ResolveFlag.extend({
  ids: z
    .array(idSchema("flag"))
    .min(1, "names at least one flag")
    .max(500, "names at most 500 flags")
    .refine((ids) => new Set(ids).size === ids.length, "names a flag twice"),
}).meta({ id: "BulkResolveFlags" });
export type BulkResolveFlags = z.infer<typeof BulkResolveFlags>;

export const RaiseFlag = z
  .strictObject({
    reason: prose(500, 5).meta({ description: "What looks wrong. Only the team reads it: nothing about the buyer" }),
  })
  .meta({ id: "RaiseFlag" });
export type RaiseFlag = z.infer<typeof RaiseFlag>;

export const ClearWarnings = z
  .strictObject({
    reason: prose(500, 3).meta({ description: "Why. Only the team reads it: nothing about the buyer" }),
  })
  .meta({ id: "ClearWarnings" });
export type ClearWarnings = z.infer<typeof ClearWarnings>;

export const RotateCode = z
  .strictObject({
    code: promoCode,
    graceDays: z
      .int()
      .min(0)
      .max(60)
      .optional()
      .meta({ description: "So many days the old code goes on working; the program's own number without" }),
  })
  .meta({ id: "RotateCode" });
export type RotateCode = z.infer<typeof RotateCode>;

/** A fraud signal as it is applied. */
export const FraudSignal = z
  .object({
    rule: z.enum(flagRules),
    title: z.string().meta({ example: "The ambassador's own e-mail" }),
    severity: z.enum(flagSeverities),
    looksAt: z.string(),
    window: z.string().meta({ description: "What it looks back over", example: "24 hours" }),
    threshold: z
      .object({ value: z.number(), of: z.string().meta({ example: "orders of one code within 24 hours" }) })
      .nullable()
      .meta({
        description: "Where it begins to flag unless the program says otherwise; null where the first one does",
      }),
  })
  .meta({ id: "FraudSignal" });
export type FraudSignal = z.infer<typeof FraudSignal>;
export const FraudSignals = z.object({ items: z.array(FraudSignal) }).meta({ id: "FraudSignals" });

/** What fraud signals do to a program's orders. */
export const FraudSettings = z
  .object({
    expiryDays: z.int().meta({ description: "So many days a flag holds money if nobody looks" }),
    graceDays: z.int().meta({ description: "So many days a replaced code goes on working" }),
    off: z.array(z.enum(flagRules)).meta({ description: "Rules that are not applied" }),
    thresholds: z
      .partialRecord(z.enum(flagRules), z.number())
      .meta({ description: "Where a rule begins to flag, if not at its default" }),
  })
  .meta({ id: "FraudSettings" });
export type FraudSettings = z.infer<typeof FraudSettings>;

export const PatchFraudSettings = z.strictObject({
  expiryDays: z.int().min(1).max(90).optional(),
  graceDays: z.int().min(0).max(60).optional(),
  off: z.array(z.enum(flagRules)).max(flagRules.length).optional(),
  thresholds: z.partialRecord(z.enum(flagRules), z.number().positive().max(10_000)).optional(),
});
