import { type FraudSettings, type Question, questionKinds } from "@laurel/contract";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { exponentOf } from "../kernel/money.ts";
import { anyTable, service } from "../table/entity.ts";
import type { StoredRules } from "./rules.ts";

const document = {
  type: "map",
  required: true,
  properties: { version: { type: "string", required: true }, url: { type: "string", required: true } },
} as const;

/** The brand's settings; one item. `version` rises with each change, `rules.version` only when the rules do. */
export const ProgramEntity = new Entity(
  {
    model: { entity: "program", version: "1", service },
    attributes: {
      name: { type: "string", required: true },
      voice: { type: "string", required: true },
      timeZone: { type: "string", required: true },
      currency: { type: "string", required: true },
      holdDays: { type: "number", required: true },
      shopUrl: { type: "string", required: true },
      senderName: { type: "string", required: true },
      replyTo: { type: "string" },
      niches: { type: "list", required: true, items: { type: "string" } },
      /** What applicants are asked beside what every application has; at most ten, in their order. */
      questions: {
        type: "list",
        items: {
          type: "map",
          properties: {
            id: { type: "string", required: true },
            kind: { type: [...questionKinds] as const, required: true },
            label: { type: "string", required: true },
            help: { type: "string" },
            required: { type: "boolean", required: true },
            options: { type: "list", items: { type: "string" } },
          },
        },
      },
      guidelines: document,
      terms: document,
      privacy: document,
      /** What is absent is as `defaultRules` has it. */
      rules: { type: CustomAttributeType<StoredRules>("any"), required: true },
      /** Absent in older programs: see `approveAboveOf`. */
      approveAbove: { type: CustomAttributeType<{ currency: string; amountMinor: number }[]>("any") },
      /** Absent in older programs: see `claimDaysOf`. */
      claimDays: { type: "number" },
      /** What is absent is as `fraudOf` has it. */
      fraud: { type: CustomAttributeType<Partial<FraudSettings>>("any") },
      version: { type: "number", required: true },
      updatedAt: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "PROGRAM" },
        sk: { field: "sk", casing: "none", composite: [], template: "SETTINGS" },
      },
    },
  },
  { table: anyTable },
);
export type ProgramSettings = EntityItem<typeof ProgramEntity>;
export const questionsOf = (program: ProgramSettings): Question[] => (program.questions ?? []) as Question[];

const defaultClaimDays = 14;
const defaultApproveAbove = 100;

export const claimDaysOf = (program: ProgramSettings): number => program.claimDays ?? defaultClaimDays;

/** Up to which amounts a correction needs no second person; until somebody sets it, up to a hundred of the program's currency. */
export const approveAboveOf = (program: ProgramSettings): { currency: string; amountMinor: number }[] =>
  program.approveAbove ?? [
    { currency: program.currency, amountMinor: defaultApproveAbove * 10 ** exponentOf(program.currency) },
  ];

/** What fraud signals do, as far as the program has not said otherwise. */
export const fraudOf = (program: Pick<ProgramSettings, "fraud">): FraudSettings => ({
  expiryDays: 14,
  graceDays: 3,
  off: [],
  thresholds: {},
  ...program.fraud,
});
