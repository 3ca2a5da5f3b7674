import * as z from "zod";
import { currency, instant, minor } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { Job } from "./job.ts";
import { PatchProgram, Rules } from "./program.ts";
import { type CandidateRule, candidateRules, orderChanges, signalKinds } from "./sets.ts";

/** The longest stretch of orders that rules are tried on. */
export const maxSimulationDays = 366;

/** What is to be tried: as a change of the program would say it. What is left out stays as it is. */
export const StartSimulation = z
  .strictObject({
    days: z
      .int()
      .min(1)
      .max(maxSimulationDays)
      .meta({ description: "So many whole days back, and today so far, in the program's time zone" }),
    rules: PatchProgram.shape.rules,
    rates: z
      .array(z.strictObject({ tierId: idSchema("tier"), rateBp: z.int().min(0).max(10_000) }))
      .max(50)
      .refine((rates) => new Set(rates.map((each) => each.tierId)).size === rates.length, "names each tier once")
      .optional()
      .meta({ description: "What tiers would earn, in basis points of the base" }),
  })
  .meta({ id: "StartSimulation" });
export type StartSimulation = z.infer<typeof StartSimulation>;

const Sums = z.object({
  orders: z.int().meta({ description: "Paid orders that are somebody's" }),
  earnedMinor: minor,
  reversedMinor: minor,
  netMinor: minor.meta({ description: "What the program owes for them: earned, less reversed" }),
});

const SimulatedAmbassador = z.object({
  ambassadorId: idSchema("ambassador"),
  name: z.string().nullable().meta({ description: "Null once they were erased" }),
  ordersNow: z.int(),
  ordersProposed: z.int(),
  nowMinor: minor,
  proposedMinor: minor,
  differenceMinor: minor,
});
export type SimulatedAmbassador = z.infer<typeof SimulatedAmbassador>;

const SimulatedCurrency = z.object({
  currency,
  now: Sums.meta({ description: "As it stands in the books" }),
  proposed: Sums.meta({ description: "As it would stand" }),
  differenceMinor: minor.meta({ description: "What the program would owe more; below nothing is less" }),
  earnMore: z.int().meta({ description: "How many ambassadors would earn more" }),
  earnLess: z.int(),
  gains: z.array(SimulatedAmbassador).meta({ description: "At most 50, whoever gains most first" }),
  losses: z.array(SimulatedAmbassador).meta({ description: "At most 50, whoever loses most first" }),
});
export type SimulatedCurrency = z.infer<typeof SimulatedCurrency>;

const SimulatedOrder = z.object({
  orderId: idSchema("order"),
  number: z.string().nullable(),
  occurredAt: instant,
  change: z.enum(orderChanges),
  currency,
  differenceMinor: minor,
  from: z.string().nullable().meta({ description: "Whose it is, by name; null for nobody" }),
  to: z.string().nullable().meta({ description: "Whose it would be, by name; null for nobody" }),
  by: z.enum(signalKinds).nullable().meta({ description: "The signal that would decide" }),
  rule: z
    .enum(Object.keys(candidateRules) as [CandidateRule, ...CandidateRule[]])
    .nullable()
    .meta({
      description: "What would become of the signal that decided until now",
    }),
  sentence: z.string().meta({ description: "Whose it would be and why, in words" }),
});
export type SimulatedOrder = z.infer<typeof SimulatedOrder>;

export const SimulationResult = z.object({
  orders: z.object({
    paid: z.int().meta({ description: "Paid orders of the time" }),
    moved: z.int().meta({ description: "Those that would go from one ambassador to another" }),
    gained: z.int().meta({ description: "Nobody's now, somebody's then" }),
    lost: z.int().meta({ description: "Somebody's now, nobody's then" }),
    byHand: z.int().meta({ description: "Decided by a person, and left as they are" }),
    kept: z.int().meta({ description: "Left as they are because their receipts can't be decided anew" }),
  }),
  currencies: z.array(SimulatedCurrency).meta({ description: "The program's own first" }),
  examples: z.array(SimulatedOrder).meta({ description: "At most 20 that change hands, those of most money first" }),
});
export type SimulationResult = z.infer<typeof SimulationResult>;

export const Simulation = z
  .object({
    job: Job.meta({ description: "`counts` are days of the time that is looked at" }),
    days: z.int(),
    from: instant,
    until: instant,
    rules: Rules.omit({ version: true }).meta({ description: "The rules that were tried, in full" }),
    changedRules: z.array(z.string()).meta({ description: "Names of those that differ from what was in force" }),
    rates: z.array(z.object({ tierId: idSchema("tier"), tierName: z.string(), nowBp: z.int(), proposedBp: z.int() })),
    program: z.object({
      version: z.int().meta({ description: "The program's version that it was made against" }),
      changedSince: z.boolean().meta({ description: "Whether the program has another version by now" }),
    }),
    result: SimulationResult.nullable().meta({ description: "Null until the job is done" }),
  })
  .meta({ id: "Simulation" });
export type Simulation = z.infer<typeof Simulation>;
