import type { StaffRole } from "@laurel/contract";
import type { Actor } from "@laurel/core/kernel";
import { createStaff, findPersonByEmail } from "@laurel/core/person";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { seedAmbassadors, seedNewcomers } from "./demo-ambassadors.ts";
import { seedApplications } from "./demo-applications.ts";
import { seedSales } from "./demo-sales.ts";
import { type DemoSize, demoSizes } from "./demo-size.ts";
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
  { progress, now, random, size = demoSizes.small }: DemoOptions,
): Promise<KnownPerson[]> {
  const year = yearOf(runtime, size, now, random);
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
  await seedSales(year, ambassadors);
  await seedNewcomers(year, reviewer);

  const first = ambassadors[0]!;
  const person = await findPersonByEmail(year.at(now, "first"), first.email);
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
