import type { Id, Role } from "@laurel/contract";
import { AmbassadorEntity } from "@laurel/core/ambassador";
import { type Actor, emailKey } from "@laurel/core/kernel";
import { newPerson } from "@laurel/core/person";
import { openSession, sessionCookie } from "@laurel/core/session";
import { transact, write } from "@laurel/core/table";
import type { World } from "../../packages/local/testing/index.ts";

/** Somebody who is signed in, for tests of the API. */
export interface Caller {
  personId: Id<"person">;
  ambassadorId: Id<"ambassador"> | null;
  email: string;
  actor: Extract<Actor, { kind: "person" }>;
  /** The session cookie's value. */
  session: string;
  /** Cookie and Origin, as the portal's requests carry them. */
  headers: Record<string, string>;
}

let enrolled = 0;

/** Makes a person with these roles, and signs them in. An ambassador has no code and no application. */
export async function signedIn(world: World, roles: readonly Role[], email?: string): Promise<Caller> {
  const ctx = world.ctx();
  const at = { table: ctx.table.name };
  const address = email ?? `person${++enrolled}@example.com`;
  const personId = ctx.newId("person");
  const ambassadorId = roles.includes("ambassador") ? ctx.newId("ambassador") : null;
  const session = openSession(ctx, personId, 1);
  const who = {
    personId,
    name: `Person ${enrolled}`,
    email: address,
    emailKey: emailKey(ctx.keys, address),
    country: "DE",
    staffRoles: roles.filter((role) => role !== "ambassador"),
  };
  await transact(ctx.table, [...newPerson(ctx, who), ...session.writes]);
  if (ambassadorId) {
    const { tiers } = await ctx.program();
    await transact(ctx.table, [
      write.put(
        "ambassador",
        AmbassadorEntity.create({
          id: ambassadorId,
          personId,
          applicationId: ctx.newId("application"),
          status: "active",
          tierId: tiers[0]!.id,
          niche: "Running",
          primaryCode: `TEST${enrolled}`,
          joinedAt: ctx.now().toISOString(),
          version: 1,
        }).params(at),
      ),
      write.update("access", {
        TableName: ctx.table.name,
        Key: { pk: `PERSON#${personId}`, sk: "ACCESS" },
        UpdateExpression: "SET ambassadorId = :id",
        ExpressionAttributeValues: { ":id": ambassadorId },
      }),
    ]);
  }
  return {
    personId,
    ambassadorId,
    email: address,
    actor: { kind: "person", personId, roles, ambassadorId, network: "unknown" },
    session: session.cookie,
    headers: {
      cookie: `${sessionCookie(ctx.publicOrigin).name}=${session.cookie}`,
      origin: new URL(ctx.publicOrigin).origin,
    },
  };
}

/** A request's headers and body, for JSON. */
export const json = (body: unknown, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
