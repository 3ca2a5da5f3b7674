import type { Role } from "@laurel/contract";
import type { Actor } from "@laurel/core/kernel";
import type { KnownPerson } from "./people.ts";

/** Who of the demo's team does what by hand. */
export interface Team {
  owner: Actor;
  manager: Actor;
  finance: Actor;
}

export const personActor = (personId: string, roles: readonly Role[], ambassadorId: string | null = null): Actor => ({
  kind: "person",
  personId: personId as never,
  roles,
  ambassadorId: ambassadorId as never,
  network: "127.0.0.1",
});

export function teamOf(people: readonly KnownPerson[]): Team {
  const as = (role: keyof Team) => personActor(people.find((each) => each.role === role)!.personId, [role]);
  return { owner: as("owner"), manager: as("manager"), finance: as("finance") };
}

/** An ambassador, signed in. */
export const asAmbassador = ({ personId, id }: { personId: string; id: string }): Actor =>
  personActor(personId, ["ambassador"], id);
