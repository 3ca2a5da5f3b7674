import type { Id, StaffRole } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { commit } from "../kernel/commit.ts";
import type { Actor, Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { emailKey } from "../kernel/secrecy.ts";
import type { Table } from "../table/client.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems, queryAll } from "../table/read.ts";
import { type Access, AccessEntity } from "./access.entity.ts";
import { EmailEntity } from "./email.entity.ts";
import { personKeys } from "./keys.ts";
import { emailTaken, newPerson, type Person, replaceAccess, replaceProfile } from "./person.ts";
import { type Profile, ProfileEntity } from "./profile.entity.ts";

const tries = 5;

/** A person by id: both items in one consistent read. Undefined where there is none, or no longer. */
export async function findPerson(table: Table, personId: string): Promise<Person | undefined> {
  const [profileItem, accessItem] = await getItems(table, [personKeys.profile(personId), personKeys.access(personId)]);
  const profile = parse(ProfileEntity, profileItem);
  const access = parse(AccessEntity, accessItem);
  return profile && access ? { profile, access } : undefined;
}

/** The person who holds an address, by its look-up key (`emailKey`). */
export async function findPersonByEmailKey(ctx: Context, key: string): Promise<Person | undefined> {
  const held = parse(EmailEntity, await getItem(ctx.table, personKeys.email(key)));
  return held && findPerson(ctx.table, held.personId);
}

/** The person who holds an address. Not for answers to the public: it would tell who takes part. */
export const findPersonByEmail = (ctx: Context, email: string): Promise<Person | undefined> =>
  findPersonByEmailKey(ctx, emailKey(ctx.keys, email));

/** Who has a role in the team, and what else they may do. Somebody added this very moment may be missing. */
export async function teamWith(table: Table, role: StaffRole): Promise<Access[]> {
  const keys = await queryAll(table, { index: "gsi1", pk: "TEAM" });
  const items = await getItems(
    table,
    keys.map((key) => ({ pk: key.pk as string, sk: key.sk as string })),
  );
  return items.flatMap((item) => {
    const access = parse(AccessEntity, item);
    return access?.staffRoles.includes(role) ? [access] : [];
  });
}

/** The names behind person ids; whoever is not there any more is left out. */
export async function namesOf(
  table: Table,
  personIds: readonly (string | undefined)[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(personIds.filter((id) => id !== undefined))];
  const items = await getItems(table, ids.map(personKeys.profile));
  return new Map(
    items.flatMap((item) => {
      const profile = parse(ProfileEntity, item);
      return profile ? [[profile.personId, profile.name] as const] : [];
    }),
  );
}

/**
 * Makes somebody a member of the team: the first owner, or a seed's staff. A person who has that address already keeps
 * their roles and is given those that are missing; a name that the mailbox's holder never confirmed gives way to ours.
 */
export async function createStaff(
  ctx: Context,
  { email, name, roles }: { email: string; name: string; roles: readonly StaffRole[] },
): Promise<Id<"person">> {
  systemOnly(ctx.actor);
  const key = emailKey(ctx.keys, email);
  for (let attempt = 0; attempt < tries; attempt++) {
    const existing = await findPersonByEmailKey(ctx, key);
    if (existing) {
      const { profile } = existing;
      const renamed = profile.emailConfirmedAt || profile.name === name || (await rename(ctx, profile, name));
      if (!renamed) continue;
      await grantRoles(ctx, profile.personId, roles);
      return profile.personId as Id<"person">;
    }
    const personId = ctx.newId("person");
    const done = await commit(ctx, [
      ...newPerson(ctx, { personId, name, email, emailKey: key, staffRoles: [...roles] }),
      recordAudit(ctx, { action: "person.roles_granted", subject: personId, after: { staffRoles: [...roles] } }),
    ]);
    if (done.ok) return personId;
    if (!done.refusals.some((refusal) => refusal.name === emailTaken)) break;
  }
  throw busy();
}

/** Gives a person roles in the team beside those they have. Their sessions end if anything changes. @throws AppError not_found */
export async function grantRoles(ctx: Context, personId: string, roles: readonly StaffRole[]): Promise<void> {
  systemOnly(ctx.actor);
  for (let attempt = 0; attempt < tries; attempt++) {
    const person = await findPerson(ctx.table, personId);
    if (!person) throw notFound();
    const before = person.access.staffRoles;
    const staffRoles = [...new Set([...before, ...roles])];
    if (staffRoles.length === before.length) return;
    const done = await commit(ctx, [
      replaceAccess(ctx, person.access, { staffRoles }),
      recordAudit(ctx, {
        action: "person.roles_granted",
        subject: personId,
        before: { staffRoles: before },
        after: { staffRoles },
      }),
    ]);
    if (done.ok) return;
  }
  throw busy();
}

const rename = async (ctx: Context, profile: Profile, name: string): Promise<boolean> =>
  (await commit(ctx, [replaceProfile(ctx, profile, { name })])).ok;

/** There is no screen for the team yet; until there is, only the program itself hands out roles. */
function systemOnly(actor: Actor): void {
  if (actor.kind !== "system")
    throw new AppError("forbidden", "auth.forbidden", "Your role does not include this. Ask an owner of the program.");
}

const busy = () =>
  new AppError("unavailable", "person.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
