import { createStaff } from "@laurel/core/person";
import type { Runtime } from "@laurel/functions/runtime.ts";
import type { KnownPerson } from "./people.ts";

export interface DemoOptions {
  /** Told what is being done, for whoever waits. */
  progress: (text: string) => void;
  /** The day on which the demo's year ends. */
  now: Date;
  /** From 0 up to and without 1. */
  random: () => number;
}

/**
 * Fills the demo brand, whose program is set up already, through the operations that the API uses.
 * @returns whom this machine can sign in
 */
export async function seedDemo(runtime: Runtime, { progress }: DemoOptions): Promise<KnownPerson[]> {
  const ctx = runtime.context({ kind: "system", name: "local" }, { silent: true });
  progress("the team");
  const team = [
    { role: "owner", email: "olivia@example.com", name: "Olivia Owner" },
    { role: "manager", email: "mila@example.com", name: "Mila Manager" },
    { role: "finance", email: "finn@example.com", name: "Finn Finance" },
  ] as const;
  const people: KnownPerson[] = [];
  for (const { role, email, name } of team)
    people.push({ role, email, personId: await createStaff(ctx, { email, name, roles: [role] }) });
  return people;
}
