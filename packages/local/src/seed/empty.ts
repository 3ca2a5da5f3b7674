import { createStaff } from "@laurel/core/person";
import type { Runtime } from "@laurel/functions/runtime.ts";
import type { KnownPerson } from "./people.ts";

/** The first start without a demo: nobody but the owner. */
export async function seedEmpty(runtime: Runtime, ownerEmail: string): Promise<KnownPerson[]> {
  const ctx = runtime.context({ kind: "system", name: "local" }, { silent: true });
  const personId = await createStaff(ctx, { email: ownerEmail, name: "Owner", roles: ["owner"] });
  return [{ role: "owner", personId, email: ownerEmail }];
}
