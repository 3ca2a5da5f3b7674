import type { Ambassador } from "@laurel/contract";
import type { Profile } from "../person/index.ts";
import type { ProgramSnapshot } from "../program/index.ts";
import { serialize as serializeTier } from "../tier/index.ts";
import type { AmbassadorItem } from "./ambassador.entity.ts";

/** Once; whoever is not active chooses nothing. */
export const mayChooseCode = (ambassador: AmbassadorItem): boolean =>
  ambassador.status === "active" && ambassador.ownCodeAt === undefined;

/** @param profile undefined once the person was erased; money and tier stay */
export function serialize(
  ambassador: AmbassadorItem,
  profile: Profile | undefined,
  snapshot: ProgramSnapshot,
): Ambassador {
  const tier = snapshot.tiers.find((each) => each.id === ambassador.tierId);
  return {
    id: ambassador.id,
    name: profile?.name ?? "Erased",
    status: ambassador.status,
    statusReason: ambassador.statusReason ?? null,
    // A tier that was made less than the cache's age ago is not known here yet.
    tier: tier ? serializeTier(tier) : { id: ambassador.tierId, name: "", rateBp: 0, position: 0 },
    country: profile?.country ?? "",
    niche: ambassador.niche,
    joinedAt: ambassador.joinedAt,
    code: ambassador.primaryCode,
  };
}
