import type { StaffRole } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { type Write, write } from "../table/transact.ts";
import { type Access, AccessEntity } from "./access.entity.ts";
import { EmailEntity } from "./email.entity.ts";
import { type Profile, ProfileEntity } from "./profile.entity.ts";

/** A person as most operations need one: who, and what they may do. */
export interface Person {
  profile: Profile;
  access: Access;
}

/** The name of the write that fails when the address belongs to somebody already. */
export const emailTaken = "person.email";

/** The writes that make a person: profile, rights and the address's constraint, for the transaction that needs the person. */
export function newPerson(
  ctx: Context,
  who: { personId: string; name: string; email: string; emailKey: string; country?: string; staffRoles?: StaffRole[] },
): Write[] {
  const at = { table: ctx.table.name };
  const { personId, name, email, emailKey, country, staffRoles = [] } = who;
  const createdAt = ctx.now().toISOString();
  return [
    write.put(emailTaken, EmailEntity.create({ emailKey, personId }).params(at)),
    write.put(
      "person.profile",
      ProfileEntity.create({
        personId,
        name,
        email,
        emailKey,
        country,
        marketingConsent: false,
        createdAt,
        version: 1,
      }).params(at),
    ),
    write.put("person.access", AccessEntity.create({ personId, staffRoles, accessVersion: 1 }).params(at)),
  ];
}

/** Replaces a profile, on the version that was read. */
export const replaceProfile = (ctx: Context, read: Profile, changes: Partial<Profile>): Write =>
  write.put(
    "person.profile",
    ProfileEntity.put({ ...read, ...changes, version: read.version + 1 })
      .where((attributes, operation) => operation.eq(attributes.version, read.version))
      .params({ table: ctx.table.name }),
  );

/** Replaces what a person may do, on the version that was read. Every session of the older version ends with it. */
export const replaceAccess = (
  ctx: Context,
  read: Access,
  changes: Partial<Pick<Access, "staffRoles" | "ambassadorId" | "formerAmbassadorId">>,
): Write =>
  write.put(
    "person.access",
    AccessEntity.put({ ...read, ...changes, accessVersion: read.accessVersion + 1 })
      .where((attributes, operation) => operation.eq(attributes.accessVersion, read.accessVersion))
      .params({ table: ctx.table.name }),
  );
