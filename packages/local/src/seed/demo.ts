import type { StaffRole } from "@laurel/contract";
import * as Applications from "@laurel/core/application";
import { recordClick } from "@laurel/core/click/record.ts";
import { findCode, promotionCodesOf } from "@laurel/core/code";
import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { type Actor, type Context, emailKey, idMaker } from "@laurel/core/kernel";
import { createStaff, findPersonByEmail } from "@laurel/core/person";
import { loadProgram } from "@laurel/core/program";
import { getItem } from "@laurel/core/table";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { completed, type DemoSale, garbled, refunded, totalsOf, unimportant } from "./demo-events.ts";
import { type DemoApplicant, demoApplicant } from "./demo-names.ts";
import type { KnownPerson } from "./people.ts";

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
  run: (ctx: Context) => Promise<unknown>;
}

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
  const person = await findPersonByEmail(year.at(now), first.email);
  return [
    ...people,
    { role: "ambassador", email: first.email, personId: person!.profile.personId as KnownPerson["personId"] },
  ];
}

interface Year {
  end: Date;
  random: () => number;
  /** A context whose clock stands at an instant of the year. */
  at: (instant: Date, actor?: Actor) => Context;
  daysAgo: (days: number) => Date;
}

function yearOf(runtime: Runtime, now: Date, random: () => number): Year {
  const end = new Date(`${now.toISOString().slice(0, 10)}T00:00:00.000Z`);
  let instant = end;
  // Ids repeat with the random numbers, whatever the machine's own randomness gives.
  const newId = idMaker(
    () => instant,
    (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256)),
  );
  return {
    end,
    random,
    at: (to, actor = { kind: "system", name: "demo" }) => {
      instant = to;
      return { ...runtime.context(actor, { silent: true, requestId: "demo" }), now: () => to, newId };
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
  const ctx = year.at(year.daysAgo(370));
  const people: KnownPerson[] = [];
  for (const { role, email, name } of team)
    people.push({ role, email, personId: await createStaff(ctx, { email, name, roles: [role] }) });
  return people;
}

/** Applies and confirms at its time. @returns the application's id */
async function apply(year: Year, at: Date, who: DemoApplicant, confirmed = true): Promise<string> {
  const ctx = year.at(at);
  const { program } = await ctx.program();
  await Applications.submit(ctx, {
    ...who,
    ageConfirmed: true,
    guidelinesVersion: program.guidelines.version,
    termsVersion: program.terms.version,
    privacyVersion: program.privacy.version,
    marketingConsent: year.random() < 0.5,
  });
  const claim = await getItem(ctx.table, Applications.claimKey(emailKey(ctx.keys, who.email)));
  const id = claim?.applicationId as string | undefined;
  if (!id) throw new Error(`The demo's application of ${who.email} was not taken`);
  if (confirmed) await Applications.confirm(year.at(new Date(at.getTime() + hourMs)), Applications.tokenOf(ctx, id));
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
  const { tiers, campaigns } = await loadProgram(year.at(year.end).table);
  const made: DemoAmbassador[] = [];
  for (let n = 0; n < size.ambassadors; n++) {
    const since = year.daysAgo(362 - n * 16);
    const who = demoApplicant(n, year.random);
    const id = await apply(year, since, who);
    const campaign = campaigns[n % 4 === 3 ? 1 : 0]!;
    const tier = tiers[n % 5 === 0 ? 2 : n % 3 === 0 ? 1 : 0]!;
    const { ambassador, code } = await Applications.approve(
      year.at(new Date(since.getTime() + 30 * hourMs), reviewer),
      id,
      {
        campaignId: campaign.id as never,
        tierId: tier.id as never,
      },
    );
    const later = year.at(new Date(since.getTime() + 31 * hourMs));
    await sweepEffects(later);
    const stored = await findCode(later, code.code);
    const promotionCodeId = stored && Object.values(promotionCodesOf(stored))[0];
    if (!promotionCodeId)
      throw new Error(`The demo's code ${code.code} did not reach the checkout: ${stored?.stateReason ?? "no reason"}`);
    made.push({
      email: who.email,
      id: ambassador.id,
      code: code.code,
      percentOff: campaign.percentOff,
      promotionCodeId,
      since,
    });
  }
  return made;
}

async function seedApplications(year: Year, reviewer: Actor): Promise<void> {
  let n = size.ambassadors;
  const next = () => demoApplicant(n++, year.random);
  for (let at = 0; at < size.waiting; at++) await apply(year, year.daysAgo(9 - at * 0.55), next());
  const decided = (days: number) => year.at(year.daysAgo(days), reviewer);
  await Applications.decline(decided(40), await apply(year, year.daysAgo(42), next()), {
    reason: "audience_mismatch",
    reapply: { policy: "after_days", days: 90 },
  });
  await Applications.decline(decided(21), await apply(year, year.daysAgo(24), next()), {
    reason: "too_few_details",
    reapply: { policy: "now" },
  });
  await Applications.decline(decided(15), await apply(year, year.daysAgo(17), next()), {
    reason: "country_not_supported",
    reapply: { policy: "never" },
    note: "We ship there from next year on.",
  });
  await Applications.waitlist(decided(12), await apply(year, year.daysAgo(14), next()), {});
  await Applications.waitlist(decided(11), await apply(year, year.daysAgo(13), next()), {
    note: "Strong writer; wait for the spring budget.",
  });
  await apply(year, year.daysAgo(2), next(), false);
  await apply(year, year.daysAgo(1), next(), false);
  const gone = await apply(year, year.daysAgo(6), next());
  const ctx = year.at(year.daysAgo(5));
  await Applications.withdraw(ctx, Applications.tokenOf(ctx, gone));
}

/** Purchases, refunds and monthly releases, each at its time, in the order of time. */
async function seedYear(year: Year, ambassadors: DemoAmbassador[]): Promise<void> {
  const { connections } = await loadProgram(year.at(year.end).table);
  const connection = connections[0]!;
  const steps: Step[] = [];
  const tell = (at: Date, told: { eventId: string; type: string; body: Uint8Array }) =>
    steps.push({ at, run: (ctx) => Events.receive(ctx, connection, told, told.body, Number.POSITIVE_INFINITY) });

  const sales = Array.from({ length: size.orders }, (_, n) => saleOf(year, ambassadors, n));
  for (const { sale, owner } of sales) {
    if (owner && sale.clickId === "to be recorded") {
      steps.push({
        at: sale.at,
        run: async (ctx) => {
          sale.clickId = await recordClick(year.at(new Date(sale.at.getTime() - hourMs)), {
            code: owner.code,
            ambassadorId: owner.id,
          });
          const told = completed(sale);
          await Events.receive(year.at(ctx.now()), connection, told, told.body, Number.POSITIVE_INFINITY);
        },
      });
    } else tell(sale.at, completed(sale));
    if (sale.n % 10 === 0) tell(sale.at, unimportant(sale));
  }
  const refundable = sales.filter(({ sale }) => sale.payment === "paid");
  for (let each = 0; each < size.refunds; each++) {
    const { sale } = refundable[Math.floor(((each + 0.5) / size.refunds) * refundable.length)]!;
    const { total } = totalsOf(sale);
    const latest = year.end.getTime() - sale.at.getTime();
    const at = new Date(sale.at.getTime() + Math.min(latest, (2 + year.random() * 40) * dayMs));
    tell(at, refunded(sale, at, each % 2 === 0 ? total : Math.max(1, Math.floor(total * (0.2 + year.random() * 0.5)))));
  }
  for (let n = 0; n < 2; n++) tell(year.daysAgo(3 + n * 30), garbled(n, year.daysAgo(3 + n * 30)));
  for (let month = 11; month >= 0; month--)
    steps.push({ at: year.daysAgo(month * 30.4), run: (ctx) => releaseDue(ctx) });

  steps.sort((a, b) => a.at.getTime() - b.at.getTime());
  for (const step of steps) await step.run(year.at(step.at));
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
      clickId: owner && !byCode && how < 0.9 ? "to be recorded" : undefined,
      email: `buyer${Math.floor(random() * 180)}@example.com`,
      payment: n % 75 === 40 ? "unpaid" : "paid",
    },
  };
}
