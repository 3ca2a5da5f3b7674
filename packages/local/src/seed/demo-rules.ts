import type { PatchProgram } from "@laurel/contract";
import * as Campaigns from "@laurel/core/campaign";
import * as Customers from "@laurel/core/customer";
import { sweepJobs } from "@laurel/core/job-runner";
import * as Programs from "@laurel/core/program";
import type { Step } from "./demo-steps.ts";
import type { Team } from "./demo-team.ts";
import { after, minuteMs, type Span, type Year } from "./demo-year.ts";

type RulesPatch = NonNullable<PatchProgram["rules"]>;

/** What the program tried in the course of the year, and went back from. */
const trials = {
  severalCodes: {
    span: [260, 252],
    tries: { severalCodes: "nobody", clickTouch: "first", precedence: ["promotion_code", "customer"] },
    goesBackTo: { severalCodes: "last", clickTouch: "last", precedence: ["promotion_code", "click", "customer"] },
  },
  newCustomers: { span: [240, 233], tries: { newCustomersOnly: true }, goesBackTo: { newCustomersOnly: false } },
  bindings: { span: [200, 193], tries: { bindingMonths: 2 }, goesBackTo: { bindingMonths: null } },
  subscriptions: { span: [70, 62], tries: { renewalMonths: 1 }, goesBackTo: { renewalMonths: 12 } },
} satisfies Record<string, { span: Span; tries: RulesPatch; goesBackTo: RulesPatch }>;

/** A campaign that ran for a week only, until somebody let it run on. */
const campaignRan: Span = [125, 118];
const campaignOver: Span = [118, 110];

/** When orders are decided otherwise than usually. */
export const trialSpans = {
  severalCodes: trials.severalCodes.span as Span,
  newCustomers: trials.newCustomers.span as Span,
  bindings: trials.bindings.span as Span,
  subscriptions: trials.subscriptions.span as Span,
  campaignOver,
};

/** Whether nothing else was tried on a day; what is told of a purchase comes some days after it. */
export const ordinaryIn =
  (year: Year) =>
  (at: Date): boolean =>
    [...Object.values(trials).map(({ span }) => span as Span), [campaignRan[0], campaignOver[1]] as const].every(
      ([from, to]) => at < year.daysAgo(from + 5) || at >= year.daysAgo(to),
    );

/** The changes of the rules and of a campaign's dates, each at its time. Nothing else goes on while they are made. */
export function ruleSteps(year: Year, { owner }: Team): Step[] {
  const change = async (days: number, patch: Omit<PatchProgram, "version">) => {
    const ctx = year.at(year.daysAgo(days), `program ${days}`, owner);
    const { program } = await ctx.program({ maxAgeMs: 0 });
    await Programs.change(ctx, { ...patch, version: program.version });
    year.forgetProgram();
  };
  const schedule = async (days: number, dates: { startsOn: string | null; endsOn: string | null }) => {
    const ctx = year.at(year.daysAgo(days), `campaign ${days}`, owner);
    const { campaigns } = await ctx.program();
    await Campaigns.schedule(ctx, campaigns.find(({ isDefault }) => !isDefault)!.id, dates);
    year.forgetProgram();
  };
  const step = (days: number, run: () => Promise<void>): Step => ({
    at: year.daysAgo(days),
    name: `rules ${days}`,
    concerns: [],
    run,
  });
  const dayOf = (days: number) => year.daysAgo(days).toISOString().slice(0, 10);
  return [
    ...Object.values(trials).flatMap(({ span: [from, to], tries, goesBackTo }) => [
      step(from, () => change(from, { rules: tries })),
      step(to, () => change(to, { rules: goesBackTo })),
    ]),
    step(campaignRan[0], () =>
      schedule(campaignRan[0], { startsOn: dayOf(campaignRan[0]), endsOn: dayOf(campaignRan[1] + 1) }),
    ),
    step(campaignOver[1], () => schedule(campaignOver[1], { startsOn: null, endsOn: null })),
  ];
}

const importedEach = 40;

/** People who had bought before the program began. */
export const formerCustomer = (n: number): string => `customer${n}@example.com`;

/** What the team set up before the first ambassador came: who has bought before, and from when on a small program looks twice. */
export async function seedBeginning(year: Year, { owner, manager }: Team): Promise<void> {
  if (year.size.rare === 0) return;
  const begin = year.daysAgo(369);
  const ctx = year.at(begin, "beginning", owner);
  const { program } = await ctx.program({ maxAgeMs: 0 });
  await Programs.change(ctx, {
    version: program.version,
    fraud: { thresholds: { velocity: 5, burst_without_clicks: 5, refund_rate: 20 } },
  });
  year.forgetProgram();
  for (let list = 0; list < year.size.rare; list++) {
    const at = after(begin, (list + 1) * 10 * minuteMs);
    const customers = Array.from({ length: importedEach }, (_, n) => formerCustomer(list * importedEach + n));
    await Customers.importCustomers(year.at(at, `customers ${list}`, manager), { customers });
    await sweepJobs(year.at(after(at, minuteMs), `job of customers ${list}`));
  }
}
