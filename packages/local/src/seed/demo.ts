import type { StaffRole } from "@laurel/contract";
import * as Applications from "@laurel/core/application";
import { recordClick } from "@laurel/core/click/record.ts";
import { findCode, promotionCodesOf } from "@laurel/core/code";
import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { type Actor, type Context, emailKey, idMaker, sha256 } from "@laurel/core/kernel";
import { createStaff, findPersonByEmail } from "@laurel/core/person";
import { loadProgram } from "@laurel/core/program";
import { getItem } from "@laurel/core/table";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { completed, type DemoEvent, type DemoSale, garbled, refunded, totalsOf, unimportant } from "./demo-events.ts";
import { type DemoApplicant, demoApplicant } from "./demo-names.ts";
import type { KnownPerson } from "./people.ts";
import { demoRandom } from "./random.ts";

export interface DemoOptions {
  /** Told what is being done, for whoever waits. */
  progress: (text: string) => void;
  /** The day on which the demo's year ends. */
  now: Date;
  /** From 0 up to and without 1. */
  random: () => number;
}

const size = { ambassadors: 20, waiting: 15, orders: 300, refunds: 36 };
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Something that happens in the demo's year, at its time. */
interface Step {
  at: Date;
  name: string;
  /** Whom and what it concerns: steps that share nothing may be done side by side. Nothing named: it waits for all, and all for it. */
  concerns: string[];
  run: (ctx: Context) => Promise<unknown>;
}

const sideBySide = 12;

/**
 * Fills the demo brand, whose program is set up already, through the operations that the API uses: people apply, confirm and are
 * decided about, codes go to the checkout, and a year of purchases and refunds comes in as events. The clock of each step is
 * its own day, so releases fall when they would have. No mail is sent. The same random numbers, day and keys give the same data.
 * @returns whom this machine can sign in
 */
export async function seedDemo(runtime: Runtime, { progress, now, random }: DemoOptions): Promise<KnownPerson[]> {
  const year = yearOf(runtime, now, random);
  progress("the team");
  const people = await seedTeam(year);
  const reviewer: Actor = {
    kind: "person",
    personId: people[1]!.personId,
    roles: ["manager"],
    ambassadorId: null,
    network: "127.0.0.1",
  };

  progress(`${size.ambassadors} ambassadors and ${size.waiting} waiting applications`);
  const ambassadors = await seedAmbassadors(year, reviewer);
  await seedApplications(year, reviewer);

  progress(`${size.orders} orders over 12 months`);
  await seedYear(year, ambassadors);

  const first = ambassadors[0]!;
  const person = await findPersonByEmail(year.at(now, "first"), first.email);
  return [
    ...people,
    { role: "ambassador", email: first.email, personId: person!.profile.personId as KnownPerson["personId"] },
  ];
}

interface Year {
  end: Date;
  random: () => number;
  /**
   * A context whose clock stands at an instant of the year. What is done in it makes the same ids every time, whatever is done
   * beside it, because they follow from its name.
   */
  at: (instant: Date, name: string, actor?: Actor) => Context;
  daysAgo: (days: number) => Date;
}

function yearOf(runtime: Runtime, now: Date, random: () => number): Year {
  const end = new Date(`${now.toISOString().slice(0, 10)}T00:00:00.000Z`);
  return {
    end,
    random,
    at: (instant, name, actor = { kind: "system", name: "demo" }) => {
      const own = demoRandom(Number.parseInt(sha256(name).slice(0, 8), 16));
      const bytes = (size: number) => Uint8Array.from({ length: size }, () => Math.floor(own() * 256));
      const clock = () => instant;
      return {
        ...runtime.context(actor, { silent: true, requestId: "demo" }),
        now: clock,
        newId: idMaker(clock, bytes),
      };
    },
    daysAgo: (days) => new Date(end.getTime() - days * dayMs),
  };
}

async function seedTeam(year: Year): Promise<KnownPerson[]> {
  const team: { role: StaffRole; email: string; name: string }[] = [
    { role: "owner", email: "owner@example.com", name: "Olivia Owner" },
    { role: "manager", email: "manager@example.com", name: "Mila Manager" },
    { role: "finance", email: "finance@example.com", name: "Finn Finance" },
  ];
  const ctx = year.at(year.daysAgo(370), "team");
  const people: KnownPerson[] = [];
  for (const { role, email, name } of team)
    people.push({ role, email, personId: await createStaff(ctx, { email, name, roles: [role] }) });
  return people;
}

/** Applies and confirms at its time. @returns the application's id */
async function apply(year: Year, at: Date, who: DemoApplicant, confirmed = true): Promise<string> {
  const ctx = year.at(at, `apply ${who.email}`);
  const { program } = await ctx.program();
  await Applications.submit(ctx, {
    ...who,
    ageConfirmed: true,
    guidelinesVersion: program.guidelines.version,
    termsVersion: program.terms.version,
    privacyVersion: program.privacy.version,
    marketingConsent: who.name.length % 2 === 0,
    answers: {},
  });
  const claim = await getItem(ctx.table, Applications.claimKey(emailKey(ctx.keys, who.email)));
  const id = claim?.applicationId as string | undefined;
  if (!id) throw new Error(`The demo's application of ${who.email} was not taken`);
  if (confirmed) {
    const later = year.at(new Date(at.getTime() + hourMs), `confirm ${who.email}`);
    await Applications.confirm(later, Applications.tokenOf(later, id));
  }
  return id;
}

interface DemoAmbassador {
  email: string;
  id: string;
  code: string;
  percentOff: number;
  promotionCodeId: string;
  since: Date;
}

async function seedAmbassadors(year: Year, reviewer: Actor): Promise<DemoAmbassador[]> {
  const { tiers, campaigns } = await loadProgram(year.at(year.end, "program").table);
  const joining = Array.from({ length: size.ambassadors }, (_, n) => ({
    n,
    who: demoApplicant(n, year.random),
    since: year.daysAgo(362 - n * 16),
    campaign: campaigns[n % 4 === 3 ? 1 : 0]!,
    tier: tiers[n % 5 === 0 ? 2 : n % 3 === 0 ? 1 : 0]!,
  }));
  const approved = await together(joining, async ({ who, since, campaign, tier }) => {
    const id = await apply(year, since, who);
    const ctx = year.at(new Date(since.getTime() + 30 * hourMs), `approve ${who.email}`, reviewer);
    const { ambassador, code } = await Applications.approve(ctx, id, { campaignId: campaign.id, tierId: tier.id });
    return { email: who.email, id: ambassador.id, code: code.code, percentOff: campaign.percentOff, since };
  });
  const later = year.at(year.daysAgo(40), "sync");
  while ((await sweepEffects(later)) > 0);
  return together(approved, async (each) => {
    const stored = await findCode(later, each.code);
    const promotionCodeId = stored && Object.values(promotionCodesOf(stored))[0];
    if (!promotionCodeId)
      throw new Error(`The demo's code ${each.code} did not reach the checkout: ${stored?.stateReason ?? "no reason"}`);
    return { ...each, promotionCodeId };
  });
}

async function seedApplications(year: Year, reviewer: Actor): Promise<void> {
  const decided = (days: number, name: string) => year.at(year.daysAgo(days), name, reviewer);
  const others: [days: number, then: (id: string) => Promise<unknown>, confirmed?: boolean][] = [
    ...Array.from(
      { length: size.waiting },
      (_, n) => [9 - n * 0.55, async () => {}] as [number, () => Promise<unknown>],
    ),
    [
      42,
      (id) =>
        Applications.decline(decided(40, id), id, {
          reason: "audience_mismatch",
          reapply: { policy: "after_days", days: 90 },
        }),
    ],
    [24, (id) => Applications.decline(decided(21, id), id, { reason: "too_few_details", reapply: { policy: "now" } })],
    [
      17,
      (id) =>
        Applications.decline(decided(15, id), id, {
          reason: "country_not_supported",
          reapply: { policy: "never" },
          note: "We ship there from next year on.",
        }),
    ],
    [14, (id) => Applications.waitlist(decided(12, id), id, {})],
    [13, (id) => Applications.waitlist(decided(11, id), id, { note: "Strong writer; wait for the spring budget." })],
    [2, async () => {}, false],
    [1, async () => {}, false],
    [
      6,
      (id) => {
        const ctx = year.at(year.daysAgo(5), id);
        return Applications.withdraw(ctx, Applications.tokenOf(ctx, id));
      },
    ],
  ];
  const people = others.map((each, n) => ({ each, who: demoApplicant(size.ambassadors + n, year.random) }));
  await together(people, async ({ each: [days, then, confirmed = true], who }) => {
    await then(await apply(year, year.daysAgo(days), who, confirmed));
  });
}

/** Does the same for each of many, a few at a time. */
async function together<T, R>(list: readonly T[], one: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += sideBySide)
    results.push(...(await Promise.all(list.slice(at, at + sideBySide).map(one))));
  return results;
}

/** Purchases, refunds and monthly releases, each at its time; those that concern the same people in the order of time. */
async function seedYear(year: Year, ambassadors: DemoAmbassador[]): Promise<void> {
  const { connections } = await loadProgram(year.at(year.end, "program").table);
  const connection = connections[0]!;
  const receive = (ctx: Context, told: DemoEvent) =>
    Events.receive(ctx, connection, told, told.body, Number.POSITIVE_INFINITY);
  const steps: Step[] = [];
  const sales = Array.from({ length: size.orders }, (_, n) => saleOf(year, ambassadors, n));
  const concernsOf = ({ sale, owner }: (typeof sales)[number]) => [
    sale.email,
    `sale ${sale.n}`,
    ...(owner ? [owner.id] : []),
  ];

  for (const each of sales) {
    const { sale, owner } = each;
    steps.push({
      at: sale.at,
      name: `sale ${sale.n}`,
      concerns: concernsOf(each),
      run: async (ctx) => {
        const before = year.at(new Date(sale.at.getTime() - hourMs), `click ${sale.n}`);
        const clickId =
          sale.byLink && owner ? await recordClick(before, { code: owner.code, ambassadorId: owner.id }) : undefined;
        await receive(ctx, completed({ ...sale, clickId }));
        if (sale.n % 10 === 0) await receive(ctx, unimportant(sale));
      },
    });
  }
  const paid = sales.filter(({ sale }) => sale.payment === "paid");
  for (let n = 0; n < size.refunds; n++) {
    const each = paid[Math.floor(((n + 0.5) / size.refunds) * paid.length)]!;
    const { sale } = each;
    const { total } = totalsOf(sale);
    const amount = n % 2 === 0 ? total : Math.max(1, Math.floor(total * (0.2 + year.random() * 0.5)));
    const latest = year.end.getTime() - sale.at.getTime();
    const at = new Date(sale.at.getTime() + Math.min(latest, (2 + year.random() * 40) * dayMs));
    steps.push({
      at,
      name: `refund ${sale.n}`,
      concerns: concernsOf(each),
      run: (ctx) => receive(ctx, refunded(sale, at, amount)),
    });
  }
  for (let n = 0; n < 2; n++) {
    const at = year.daysAgo(3 + n * 30);
    steps.push({ at, name: `garbled ${n}`, concerns: [`garbled ${n}`], run: (ctx) => receive(ctx, garbled(n, at)) });
  }
  for (let month = 11; month >= 0; month--)
    steps.push({
      at: year.daysAgo(month * 30.4),
      name: `release ${month}`,
      concerns: [],
      run: (ctx) => releaseDue(ctx),
    });
  await inOrder(
    year,
    steps.sort((a, b) => a.at.getTime() - b.at.getTime()),
  );
}

/** Does steps in the order of time, side by side where they concern nobody in common. */
async function inOrder(year: Year, steps: Step[]): Promise<void> {
  let under: Promise<unknown>[] = [];
  let busy = new Set<string>();
  const wait = async () => {
    await Promise.all(under);
    under = [];
    busy = new Set();
  };
  for (const step of steps) {
    const alone = step.concerns.length === 0;
    if (alone || under.length >= sideBySide || step.concerns.some((each) => busy.has(each))) await wait();
    for (const each of step.concerns) busy.add(each);
    under.push(step.run(year.at(step.at, step.name)));
    if (alone) await wait();
  }
  await wait();
}

/** The n-th purchase: most by an ambassador's code, some by a link alone, some by nobody; busier towards today. */
function saleOf(
  year: Year,
  ambassadors: DemoAmbassador[],
  n: number,
): { sale: DemoSale; owner: DemoAmbassador | undefined } {
  const { random } = year;
  const daysAgo = 355 * (1 - Math.sqrt((n + random()) / size.orders)) + 0.2;
  const at = new Date(year.daysAgo(daysAgo).getTime() + Math.floor(random() * 4) * hourMs);
  const active = ambassadors.filter((each) => each.since.getTime() + 2 * dayMs < at.getTime());
  // A few bring most of it, as everywhere.
  const owner = active[Math.floor(random() ** 1.7 * active.length)];
  const by = random();
  const currency = by < 0.62 ? "eur" : by < 0.87 ? "usd" : "jpy";
  const how = random();
  const byCode = owner && how < 0.82;
  const unit = currency === "jpy" ? 1000 : 100;
  return {
    owner,
    sale: {
      n,
      at,
      currency,
      goodsMinor: Math.floor((19 + random() ** 2 * 240) * (currency === "jpy" ? 15 : 10)) * (unit / 10),
      percentOff: byCode ? owner.percentOff : 0,
      promotionCodeId: byCode ? owner.promotionCodeId : undefined,
      byLink: owner !== undefined && !byCode && how < 0.9,
      clickId: undefined,
      email: `buyer${Math.floor(random() * 180)}@example.com`,
      payment: n % 75 === 40 ? "unpaid" : "paid",
    },
  };
}
