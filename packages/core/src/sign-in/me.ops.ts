import type { Me } from "@laurel/contract";
import { ambassadorOf } from "../ambassador/index.ts";
import type { Context } from "../kernel/context.ts";
import { assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { findPerson } from "../person/index.ts";

/** Who is signed in, and what they are here. @throws AppError not_found once the person was erased */
export async function me(ctx: Context): Promise<Me> {
  authorize(ctx.actor, "me.read");
  assert(ctx.actor.kind === "person", "only a person is somebody");
  const { personId, roles, ambassadorId } = ctx.actor;
  const [person, ambassador] = await Promise.all([
    findPerson(ctx.table, personId),
    ambassadorId ? ambassadorOf(ctx, ambassadorId) : null,
  ]);
  if (!person) throw notFound();
  return { id: personId, name: person.profile.name, email: person.profile.email, roles: [...roles], ambassador };
}
