import type { Campaign } from "../campaign/campaign.entity.ts";
import type { Connection } from "../connection/connection.entity.ts";
import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../tier/tier.entity.ts";
import type { ProgramSettings } from "./program.entity.ts";

/** The program with all that hangs on it: small, read as one partition and cached for at most 30 s. */
export interface ProgramSnapshot {
  program: ProgramSettings;
  /** From the lowest step up. */
  tiers: Tier[];
  campaigns: Campaign[];
  connections: Connection[];
}

export function tierOf(snapshot: ProgramSnapshot, id: string): Tier {
  const tier = snapshot.tiers.find((each) => each.id === id);
  if (!tier)
    throw new AppError("invalid", "tier.unknown", "There is no such tier. Reload the page and choose again.", {
      errors: [{ field: "tierId", message: "is not a tier of this program" }],
    });
  return tier;
}

export function campaignOf(snapshot: ProgramSnapshot, id: string | undefined): Campaign {
  const campaign = id
    ? snapshot.campaigns.find((each) => each.id === id)
    : (snapshot.campaigns.find((each) => each.isDefault) ?? snapshot.campaigns[0]);
  if (!campaign)
    throw new AppError("invalid", "campaign.unknown", "There is no such campaign. Reload the page and choose again.", {
      errors: [{ field: "campaignId", message: "is not a campaign of this program" }],
    });
  return campaign;
}

export const findConnection = (snapshot: ProgramSnapshot, id: string): Connection | undefined =>
  snapshot.connections.find((each) => each.id === id);
