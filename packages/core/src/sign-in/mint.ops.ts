import type { Id } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { epochS } from "../kernel/time.ts";
import { findPersonByEmailKey, rolesOfAccess } from "../person/index.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { SignInEntity } from "./sign-in.entity.ts";
import { codeHashOf, newCode, newSecret, tokenOf, validMs } from "./sign-in.ts";

export interface Minted {
  /** For the link; 256 bits beside the ids of person and sign-in. */
  token: string;
  /** Six digits, for typing. */
  code: string;
}

/**
 * Makes a sign-in of a person: both ways to use it, and the item that knows their hashes. The older ones stay good.
 * @param beside what else belongs into the transaction; nothing of it may have a condition
 */
export async function mintSignIn(
  ctx: Context,
  personId: Id<"person">,
  { beside = [] }: { beside?: Write[] } = {},
): Promise<Minted> {
  const id = ctx.newId("signIn");
  const [secret, code] = [newSecret(), newCode()];
  const now = ctx.now();
  const endsAt = new Date(now.getTime() + validMs);
  const signIn = SignInEntity.create({
    id,
    personId,
    tokenHash: sha256(secret),
    codeHash: codeHashOf(ctx.keys, id, code),
    createdAt: now.toISOString(),
    endsAtMs: endsAt.getTime(),
    tries: 0,
    expiresAtEpochS: epochS(endsAt),
  });
  await transact(ctx.table, [write.put("sign-in", signIn.params({ table: ctx.table.name })), ...beside]);
  return { token: tokenOf(personId, id, secret), code };
}

/**
 * What the sign-in mail says, for the effect that sends it. Undefined where the address belongs to nobody who may
 * sign in: an applicant has no account, and who was banned lost theirs.
 */
export async function prepareSignInMail(
  ctx: Context,
  emailKey: string,
): Promise<({ to: { personId: string; email: string }; name: string } & Minted) | undefined> {
  const person = await findPersonByEmailKey(ctx, emailKey);
  if (!person || rolesOfAccess(person.access).length === 0) return undefined;
  const { personId, email, name } = person.profile;
  return { to: { personId, email }, name, ...(await mintSignIn(ctx, personId as Id<"person">)) };
}
