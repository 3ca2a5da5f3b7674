import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { AccessEntity, type Answers, AnswersEntity, type Person, ProfileEntity, personKeys } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { ApplicationEntity, type ApplicationItem } from "./application.entity.ts";
import { type Claim, ClaimEntity, claimKey } from "./claim.entity.ts";

export const applicationKey = (id: string) => ({ pk: `APP#${id}`, sk: "APPLICATION" });

/** Names of writes, by which a refused one is known again. */
export const written = { application: "application", claim: "claim" } as const;

export const findApplication = async (ctx: Context, id: string): Promise<ApplicationItem | undefined> =>
  parse(ApplicationEntity, await getItem(ctx.table, applicationKey(id)));

/** What hangs on an application: the person, what they wrote, and the address's claim. Parts of an erased person are undefined. */
export interface Around {
  person: Person | undefined;
  answers: Answers | undefined;
  claim: Claim | undefined;
}

export async function loadAround(ctx: Context, { personId, id }: ApplicationItem): Promise<Around> {
  const [profileItem, accessItem, answersItem] = await getItems(ctx.table, [
    personKeys.profile(personId),
    personKeys.access(personId),
    personKeys.answers(personId, id),
  ]);
  const profile = parse(ProfileEntity, profileItem);
  const access = parse(AccessEntity, accessItem);
  const claim = profile && parse(ClaimEntity, await getItem(ctx.table, claimKey(profile.emailKey)));
  return {
    person: profile && access ? { profile, access } : undefined,
    answers: parse(AnswersEntity, answersItem),
    // The address may belong to a later application by now.
    claim: claim?.applicationId === id ? claim : undefined,
  };
}

export function replaceApplication(
  ctx: Context,
  read: ApplicationItem,
  changes: Partial<ApplicationItem>,
): { next: ApplicationItem; write: Write } {
  const next: ApplicationItem = { ...read, ...changes, version: read.version + 1 };
  return {
    next,
    write: write.put(
      written.application,
      ApplicationEntity.put(next)
        .where((attributes, operation) => operation.eq(attributes.version, read.version))
        .params({ table: ctx.table.name }),
    ),
  };
}

/** Puts a claim in place of the one that was read, or where none was. */
export function replaceClaim(ctx: Context, read: Claim | undefined, next: Omit<Claim, "version">): Write {
  const at = { table: ctx.table.name };
  return write.put(
    written.claim,
    read
      ? ClaimEntity.put({ ...next, version: read.version + 1 })
          .where((attributes, operation) => operation.eq(attributes.version, read.version))
          .params(at)
      : ClaimEntity.create({ ...next, version: 1 }).params(at),
  );
}

/** Closes an application's claim; none, where the address has moved on to another application. */
export const closeClaim = (ctx: Context, claim: Claim | undefined, reapplyOn: string | undefined): Write[] =>
  claim
    ? [
        replaceClaim(ctx, claim, {
          emailKey: claim.emailKey,
          applicationId: claim.applicationId,
          state: "closed",
          reapplyOn,
        }),
      ]
    : [];

export const busy = () =>
  new AppError("unavailable", "application.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
