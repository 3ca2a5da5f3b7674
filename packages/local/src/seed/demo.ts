import type { StaffRole } from "@laurel/contract";
import { createStaff, findPersonByEmail } from "@laurel/core/person";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { seedAmbassadors, seedNewcomers } from "./demo-ambassadors.ts";
import { seedApplications } from "./demo-applications.ts";
import { type Beside, type Reached, reach } from "./demo-beside.ts";
import { connectingSteps, seedFirstTrials } from "./demo-connections.ts";
import { mailSteps } from "./demo-mail.ts";
import { seedBeginning } from "./demo-rules.ts";
import { seedSales } from "./demo-sales.ts";
import { shopSteps } from "./demo-shops.ts";
import { type DemoSize, demoSizes } from "./demo-size.ts";
import { teamOf } from "./demo-team.ts";
import { troubleSteps } from "./demo-trouble.ts";
import { workSteps } from "./demo-work.ts";
import { type Year, yearOf } from "./demo-year.ts";
import type { KnownPerson } from "./people.ts";

export interface DemoOptions {
  /** Told what is being done, for whoever waits. */
  progress: (text: string) => void;
  /** The day on which the demo's year ends. */
  now: Date;
  /** From 0 up to and without 1. */
  random: () => number;
  size?: DemoSize;
  /** What a big demo's rare things are played with; what needs it does not happen without. */
  beside?: Beside | undefined;
}

/**
 * Fills the demo brand, whose program is set up already, through the operations that the API uses: people apply, confirm and are
 * decided about, codes go to the checkout, and a year of purchases and refunds comes in as events. The clock of each step is
 * its own day, so releases fall when they would have. No mail is sent. The same random numbers, day and keys give the same data
 * (a demo without rare things, down to the last byte).
 * @returns whom this machine can sign in
 */
export async function seedDemo(
  runtime: Runtime,
  { progress, now, random, size = demoSizes.small, beside }: DemoOptions,
): Promise<KnownPerson[]> {
  const reached = beside && size.rare > 0 ? await reach(runtime, beside) : undefined;
  try {
    return await seedYear(yearOf(runtime, size, { now, random, gateways: reached?.gateways }), progress, reached);
  } finally {
    await reached?.close();
  }
}

async function seedYear(
  year: Year,
  progress: DemoOptions["progress"],
  reached: Reached | undefined,
): Promise<KnownPerson[]> {
  const { size } = year;
  progress("the team");
  const people = await seedTeam(year);
  const team = teamOf(people);
  await seedBeginning(year, team);
  if (reached) await seedFirstTrials(year, team);

  progress(`${size.ambassadors} ambassadors and ${size.waiting} waiting applications`);
  const ambassadors = await seedAmbassadors(year, team.manager);
  await seedApplications(year, team.manager);

  progress(`${size.orders} orders over 12 months`);
  await seedSales(year, team, ambassadors, async (play) => [
    ...mailSteps(play),
    ...(reached
      ? [
          ...(await troubleSteps(play, reached)),
          ...shopSteps(play, reached),
          ...connectingSteps(play, reached),
          ...workSteps(play, reached),
        ]
      : []),
  ]);
  await seedNewcomers(year, team.manager);

  const first = ambassadors[0]!;
  const person = await findPersonByEmail(year.at(year.end, "first"), first.email);
  return [
    ...people,
    { role: "ambassador", email: first.email, personId: person!.profile.personId as KnownPerson["personId"] },
  ];
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
