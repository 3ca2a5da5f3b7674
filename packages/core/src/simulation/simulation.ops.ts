import {
  candidateRules,
  type Job,
  type Simulation,
  type SimulationResult,
  type StartSimulation,
} from "@laurel/contract";
import { namesOf } from "../ambassador/index.ts";
import { begunBefore, findJob, inputOf, type JobItem, newJob, shown } from "../job/index.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { assert, notFound } from "../kernel/errors.ts";
import { authorize, type Permission } from "../kernel/permission.ts";
import { addDays, dayOf, startOfDay } from "../kernel/time.ts";
import { rulesOf, tierOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import type { Example, StoredResult } from "./figures.ts";
import { type Proposal, type Sizes, usualSizes } from "./proposal.ts";
import { resultKey, SimulationResultEntity } from "./simulation.entity.ts";
import { simulate } from "./slice.ts";

/** Whoever may put rules in force may try them. */
const permission: Permission = "program.change";

/**
 * Begins to find out what other rules or rates would have made of the orders of the last days. Nothing is changed by it.
 * @throws AppError invalid for a tier that is none
 */
export async function start(
  ctx: Context,
  { days, rules = {}, rates = [] }: StartSimulation,
  sizes: Sizes = usualSizes,
): Promise<{ job: Job }> {
  authorize(ctx.actor, permission);
  const begun = await begunBefore(ctx);
  if (begun) return begun;
  const snapshot = await ctx.program({ maxAgeMs: 0 });
  const { program, campaigns, tiers } = snapshot;
  const { timeZone } = program;
  for (const { tierId } of rates) tierOf(snapshot, tierId);
  const until = ctx.now();
  const inForce = rulesOf(program);
  const given = Object.entries(rules).filter(([, value]) => value !== undefined);
  const changed = given.filter(
    ([name, value]) => JSON.stringify(inForce[name as keyof typeof inForce]) !== JSON.stringify(value),
  );
  const proposal: Proposal = {
    days,
    from: startOfDay(timeZone, addDays(dayOf(timeZone, until), -days)).toISOString(),
    until: until.toISOString(),
    programVersion: program.version,
    currency: program.currency,
    timeZone,
    campaigns: campaigns.map(({ id, startsOn, endsOn }) => ({ id, startsOn, endsOn })),
    rules: { ...inForce, ...Object.fromEntries(given) },
    changedRules: changed.map(([name]) => name),
    tiers: tiers.map(({ id, name, rateBp }) => ({ id, name, rateBp })),
    rates: Object.fromEntries(rates.map(({ tierId, rateBp }) => [tierId, rateBp])),
    sizes,
  };
  const { job, writes } = newJob(ctx, { kind: "simulation", input: proposal, total: days + 1 });
  const done = await commit(ctx, writes, { jobId: job.id });
  assert(done.ok, "a new id is nobody else's");
  return { job: await shown(ctx, job) };
}

/** How far a simulation is, and what came of it. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<Simulation> {
  authorize(ctx.actor, "program.read");
  const job = await findJob(ctx, id);
  if (job?.kind !== "simulation") throw notFound();
  const proposal = await inputOf<Proposal>(ctx, job);
  const { program } = await ctx.program({ maxAgeMs: 1000 });
  const { version: _, ...rules } = proposal.rules;
  return {
    job: await shown(ctx, job),
    days: proposal.days,
    from: proposal.from,
    until: proposal.until,
    rules,
    changedRules: proposal.changedRules,
    rates: proposal.tiers.flatMap((tier) => {
      const proposedBp = proposal.rates[tier.id];
      return proposedBp === undefined
        ? []
        : [{ tierId: tier.id as never, tierName: tier.name, nowBp: tier.rateBp, proposedBp }];
    }),
    program: { version: proposal.programVersion, changedSince: program.version !== proposal.programVersion },
    result: job.state === "done" ? await resultShown(ctx, job) : null,
  };
}

async function resultShown(ctx: Context, job: JobItem): Promise<SimulationResult> {
  const stored = parse(SimulationResultEntity, await getItem(ctx.table, resultKey(job.id)));
  assert(stored, "a simulation that is done has a result");
  const { orders, currencies, examples }: StoredResult = stored.result;
  const people = currencies.flatMap(({ gains, losses }) => [...gains, ...losses].map((each) => each.ambassadorId));
  const parties = examples.flatMap(({ from, to }) => [from, to].filter((id) => id !== undefined));
  const names = await namesOf(ctx, [...new Set([...people, ...parties])]);
  const named = (each: StoredResult["currencies"][number]["gains"][number]) => ({
    ...each,
    ambassadorId: each.ambassadorId as never,
    name: names.get(each.ambassadorId) ?? null,
  });
  return {
    orders,
    currencies: currencies.map((each) => ({
      ...each,
      gains: each.gains.map(named),
      losses: each.losses.map(named),
    })),
    examples: examples.map((each) => {
      const name = (id: string | undefined) => (id ? (names.get(id) ?? "an ambassador whose name was erased") : null);
      return {
        orderId: each.orderId as never,
        number: each.number ?? null,
        occurredAt: each.occurredAt,
        change: each.change,
        currency: each.currency,
        differenceMinor: each.differenceMinor,
        from: name(each.from),
        to: name(each.to),
        by: each.by ?? null,
        rule: each.rule ?? null,
        sentence: sentenceOf(each, name(each.from), name(each.to)),
      };
    }),
  };
}

const ways = {
  promotion_code: "the promo code",
  click: "a click on the link",
  customer: "an earlier purchase of the customer",
  subscription: "the subscription that it is a payment of",
  manual: "the decision of a person",
} as const;

/** Whose an order would be, and by which rule it is not whose it is. */
function sentenceOf({ by, code, rule }: Example, from: string | null, to: string | null): string {
  const named = code && (by === "promotion_code" || by === "click") ? ` ${code}` : "";
  const whose = to && by ? `It would go to ${to}, because of ${ways[by]}${named}` : "It would be nobody's";
  if (!from) return `${whose}.`;
  const why = rule ? lowered(candidateRules[rule]) : "the order that it follows would be somebody else's, or nobody's";
  return `${whose}. Why not ${from} any more: ${why}.`;
}

const lowered = (text: string): string => text[0]!.toLowerCase() + text.slice(1);

/** Long work: looks at the orders, and changes none of them. */
export const simulation = {
  permission,
  names: async () => new Map<string, string>(),
  slice: simulate,
};
