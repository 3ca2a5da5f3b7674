import { createHmac } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type Id, idPrefixes } from "@laurel/contract";
import type { Actor, Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { emailKey, sameSecret, sha256 } from "../kernel/secrecy.ts";
import { takeLimit } from "../limit/index.ts";
import { AccessEntity, EmailEntity, personKeys, rolesOfAccess } from "../person/index.ts";
import { actorOf, openSession } from "../session/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, queryAll } from "../table/read.ts";
import { asUnavailable, transact, wasRefused, write } from "../table/transact.ts";
import { networkRule } from "./network.ts";
import { type SignIn, SignInEntity } from "./sign-in.entity.ts";
import { codeHashOf, isOpen, maxTries, readToken } from "./sign-in.ts";

export type VerifyInput = { token: string } | { email: string; code: string };

/** One answer for a wrong, used, expired or voided one and for an address that nobody has. */
const notValid = () =>
  new AppError("unauthenticated", "auth.invalid", "This link or code is not valid any more. Ask for a new one.");

/**
 * Exchanges a link's token or a code for a session. Every try is counted before anything is compared, so that five
 * means five however many ask at once.
 * @returns the session cookie's value, and who signed in
 * @throws AppError unauthenticated, rate_limited
 */
export async function verify(ctx: Context, input: VerifyInput): Promise<{ cookie: string; actor: Actor }> {
  await takeLimit(ctx, [networkRule(ctx, "sign_in.verify.network", 100)]);
  const found = "token" in input ? await byToken(ctx, input.token) : await byCode(ctx, input.email, input.code);
  if (!found) throw notValid();
  const personId = found.personId as Id<"person">;
  const access = parse(AccessEntity, await getItem(ctx.table, personKeys.access(personId)));
  if (!access || rolesOfAccess(access).length === 0) throw notValid();
  const session = openSession(ctx, personId, access.accessVersion);
  const used = await transact(ctx.table, [useOnce(ctx, found), ...session.writes]);
  if (!used.ok) throw notValid();
  return { cookie: session.cookie, actor: actorOf(ctx, access) };
}

async function byToken(ctx: Context, token: string): Promise<SignIn | undefined> {
  const claim = readToken(token);
  if (!claim) return undefined;
  const signIn = await countTry(ctx, claim.personId, claim.signInId);
  return signIn && sameSecret(signIn.tokenHash, sha256(claim.secret)) ? signIn : undefined;
}

/** A code is good for any open sign-in of the person; a wrong one counts against all of them. */
async function byCode(ctx: Context, email: string, code: string): Promise<SignIn | undefined> {
  const key = emailKey(ctx.keys, email);
  const held = parse(EmailEntity, await getItem(ctx.table, personKeys.email(key)));
  const personId = held?.personId ?? nobody(ctx, key);
  const items = await queryAll(ctx.table, { pk: `PERSON#${personId}`, skPrefix: "SIGNIN#" });
  const nowMs = ctx.now().getTime();
  const open = items.map((item) => parse(SignInEntity, item)!).filter((signIn) => isOpen(signIn, nowMs));
  // Where there is none, one is tried in vain: the time an answer takes shall not tell who has an account.
  const ids = open.length > 0 ? open.map((signIn) => signIn.id) : ["none"];
  const counted = await Promise.all(ids.map((id) => countTry(ctx, personId, id)));
  return counted
    .filter((signIn) => signIn !== undefined)
    .find((signIn) => sameSecret(signIn.codeHash, codeHashOf(ctx.keys, signIn.id, code)));
}

/** A person id that belongs to nobody, always the same for one address. */
const nobody = (ctx: Context, key: string): string =>
  `${idPrefixes.person}_${createHmac("sha256", ctx.keys.link).update(`nobody\n${key}`).digest("hex").slice(0, 26)}`;

const stillOpen = "attribute_exists(pk) AND attribute_not_exists(usedAt) AND endsAtMs > :now";

/** Counts a try where one is left. Undefined where the sign-in is unknown, used, expired or has had its tries. */
async function countTry(ctx: Context, personId: string, signInId: string): Promise<SignIn | undefined> {
  try {
    const { Attributes } = await ctx.table.client.send(
      new UpdateCommand({
        TableName: ctx.table.name,
        Key: { pk: `PERSON#${personId}`, sk: `SIGNIN#${signInId}` },
        UpdateExpression: "ADD tries :one",
        ConditionExpression: `${stillOpen} AND tries < :max`,
        ExpressionAttributeValues: { ":one": 1, ":max": maxTries, ":now": ctx.now().getTime() },
        ReturnValues: "ALL_NEW",
      }),
    );
    return parse(SignInEntity, Attributes);
  } catch (error) {
    if (wasRefused(error)) return undefined;
    throw asUnavailable(error);
  }
}

/** Of several at once, one is first. */
const useOnce = (ctx: Context, { personId, id }: SignIn) =>
  write.update("sign-in", {
    TableName: ctx.table.name,
    Key: { pk: `PERSON#${personId}`, sk: `SIGNIN#${id}` },
    UpdateExpression: "SET usedAt = :at",
    ConditionExpression: stillOpen,
    ExpressionAttributeValues: { ":at": ctx.now().toISOString(), ":now": ctx.now().getTime() },
  });
