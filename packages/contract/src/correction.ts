import * as z from "zod";
import { currency, cursor, day, instant, minor, pageOf, prose } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { commissionStates, correctionKinds, correctionStates } from "./sets.ts";

const whose = idSchema("ambassador")
  .nullable()
  .meta({ description: "Whose the order is from now on; null for nobody" });
const version = z.int().meta({ description: "The order's version as you saw it; 409 where it has changed since" });

export const PreviewCorrection = z.strictObject({ ambassadorId: whose }).meta({ id: "PreviewCorrection" });
export type PreviewCorrection = z.infer<typeof PreviewCorrection>;

export const ProposeCorrection = z
  .strictObject({
    version,
    ambassadorId: whose,
    reason: prose(500, 5).meta({
      description: "Why. Kept on the receipt, where whoever has the order then reads it: nothing about the buyer",
    }),
  })
  .meta({ id: "ProposeCorrection" });
export type ProposeCorrection = z.infer<typeof ProposeCorrection>;

export const ApproveCorrection = z.strictObject({ version }).meta({ id: "ApproveCorrection" });
export type ApproveCorrection = z.infer<typeof ApproveCorrection>;
export const RejectCorrection = z.strictObject({ note: prose(500, 3) }).meta({ id: "RejectCorrection" });
export type RejectCorrection = z.infer<typeof RejectCorrection>;

const Side = z.object({
  ambassadorId: idSchema("ambassador"),
  name: z.string(),
  code: z.string().nullable(),
  tierName: z.string(),
  rateBp: z.int(),
  beforeMinor: minor.meta({ description: "What the order leaves them now, after refunds" }),
  afterMinor: minor.meta({ description: "What it would leave them" }),
  state: z.enum(commissionStates).nullable().meta({ description: "Null while the order is not paid" }),
  releaseDay: day.nullable(),
});

/** What a correction would do to whom. Nothing is written for it. */
export const CorrectionPreview = z
  .object({
    orderId: idSchema("order"),
    version: z.int(),
    kind: z.enum(correctionKinds),
    currency,
    from: Side.nullable(),
    to: Side.nullable(),
    stakeMinor: minor.meta({ description: "What the order earns before refunds, at the higher of both rates" }),
    limitMinor: minor.nullable().meta({ description: "Up to this it needs nobody else; null where every one does" }),
    needsApproval: z.boolean(),
  })
  .meta({ id: "CorrectionPreview" });
export type CorrectionPreview = z.infer<typeof CorrectionPreview>;

const named = z.object({ id: z.string(), name: z.string().nullable() });

/** A person's word on whose an order is. */
export const Correction = z
  .object({
    id: idSchema("correction"),
    orderId: idSchema("order"),
    orderNumber: z.string().nullable(),
    kind: z.enum(correctionKinds),
    currency,
    from: named.nullable(),
    to: named.nullable(),
    reason: z.string(),
    stakeMinor: minor,
    state: z.enum(correctionStates),
    proposedAt: instant,
    proposedBy: named,
    decidedAt: instant.nullable(),
    decidedBy: named.nullable(),
    note: z.string().nullable().meta({ description: "Why it was rejected" }),
    claimId: idSchema("claim").nullable(),
    mayApprove: z.boolean().meta({ description: "Whether you may: not what you proposed, nor what concerns yourself" }),
  })
  .meta({ id: "Correction" });
export type Correction = z.infer<typeof Correction>;
export const CorrectionPage = pageOf(Correction);
export const ListCorrections = z.strictObject({
  state: z.enum(correctionStates).default("proposed"),
  cursor: cursor.optional(),
});

/** One of them; while it waits, with what approving it would do now, or why it can't be approved any more. */
export const CorrectionDetail = Correction.extend({
  preview: CorrectionPreview.nullable(),
  overtaken: z.string().nullable(),
}).meta({ id: "CorrectionDetail" });
export type CorrectionDetail = z.infer<typeof CorrectionDetail>;
