import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Id } from "@laurel/contract";
import type { Actor, Context } from "../kernel/context.ts";
import { errorOf } from "../kernel/failure.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { epochS } from "../kernel/time.ts";
import { type Access, AccessEntity, personKeys, rolesOfAccess } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItems } from "../table/read.ts";
import { asUnavailable, type Write, write } from "../table/transact.ts";
import { type Session, SessionEntity } from "./session.entity.ts";
import { cookieValue, endOf, newSecret, readCookieValue, seenEveryMs } from "./session.ts";

type PersonActor = Extract<Actor, { kind: "person" }>;

const keyOf = (personId: string, hash: string): Key => ({ pk: `PERSON#${personId}`, sk: `SESSION#${hash}` });

/**
 * A new session, for the transaction that decides a sign-in.
 * @returns the cookie's value, and the write
 */
export function openSession(
  ctx: Context,
  personId: Id<"person">,
  accessVersion: number,
): { cookie: string; writes: Write[] } {
  const secret = newSecret();
  const at = ctx.now().toISOString();
  const session: Session = {
    personId,
    hash: sha256(secret),
    accessVersion,
    createdAt: at,
    lastSeenAt: at,
    expiresAtEpochS: epochS(new Date(endOf({ createdAt: at, lastSeenAt: at }))),
  };
  return {
    cookie: cookieValue(personId, secret),
    writes: [write.put("session", SessionEntity.create(session).params({ table: ctx.table.name }))],
  };
}

/** Who a session cookie speaks for; undefined when it is unknown, over, or revoked. One consistent read of session and rights together. */
export async function readSession(ctx: Context, cookie: string): Promise<PersonActor | undefined> {
  const claim = readCookieValue(cookie);
  if (!claim) return undefined;
  const key = keyOf(claim.personId, claim.hash);
  const [item, rights] = await getItems(ctx.table, [key, personKeys.access(claim.personId)]);
  const session = parse(SessionEntity, item);
  const access = parse(AccessEntity, rights);
  if (!session || !access) return undefined;
  if (endOf(session) <= ctx.now().getTime() || session.accessVersion !== access.accessVersion) return undefined;
  await see(ctx, session);
  return actorOf(ctx, access);
}

/** A person as an actor: what their rights say now, from where they call. */
export const actorOf = (ctx: Context, access: Access): PersonActor => ({
  kind: "person",
  personId: access.personId as Id<"person">,
  roles: rolesOfAccess(access),
  ambassadorId: (access.ambassadorId as Id<"ambassador"> | undefined) ?? null,
  network: "network" in ctx.actor ? ctx.actor.network : "unknown",
});

/** Notes that the session was used. Only one of several requests at once writes, and none of them fails for it. */
async function see(ctx: Context, session: Session): Promise<void> {
  const now = ctx.now();
  if (now.getTime() - Date.parse(session.lastSeenAt) < seenEveryMs) return;
  const lastSeenAt = now.toISOString();
  try {
    await ctx.table.client.send(
      new UpdateCommand({
        TableName: ctx.table.name,
        Key: keyOf(session.personId, session.hash),
        UpdateExpression: "SET lastSeenAt = :now, expiresAtEpochS = :expires",
        // Also keeps a session that was signed out meanwhile from coming back.
        ConditionExpression: "lastSeenAt = :before",
        ExpressionAttributeValues: {
          ":now": lastSeenAt,
          ":before": session.lastSeenAt,
          ":expires": epochS(new Date(endOf({ createdAt: session.createdAt, lastSeenAt }))),
        },
      }),
    );
  } catch (error) {
    if ((error as Error).name !== "ConditionalCheckFailedException")
      ctx.log.warn("session.sight_lost", { requestId: ctx.requestId, ...errorOf(error) });
  }
}

/** Ends the session of a cookie, if there is one. */
export async function endSession(ctx: Context, cookie: string): Promise<void> {
  const claim = readCookieValue(cookie);
  if (!claim) return;
  try {
    await ctx.table.client.send(
      new DeleteCommand({ TableName: ctx.table.name, Key: keyOf(claim.personId, claim.hash) }),
    );
  } catch (error) {
    throw asUnavailable(error);
  }
}
