import type { Campaign } from "../campaign/campaign.entity.ts";
import { type Connection, isActive } from "../connection/connection.entity.ts";
import type { Context } from "../kernel/context.ts";
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

/**
 * The connection that something from outside names, one that has ended included. One that is not known may have been made a
 * moment ago by another process, and its first event must not be turned away: not every checkout sends that again. Made-up
 * ids reach the table every few seconds at most.
 */
export async function latestConnection(ctx: Context, id: string): Promise<Connection | undefined> {
  const known = findConnection(await ctx.program(), id);
  return known && !known.forgottenAt ? known : findConnection(await ctx.program({ maxAgeMs: 3_000 }), id);
}

/** Those that are asked for something: whose connecting has come to its end, and which nobody has ended. */
export const activeConnections = (snapshot: ProgramSnapshot): Connection[] => snapshot.connections.filter(isActive);

export const findConnection = (snapshot: ProgramSnapshot, id: string): Connection | undefined =>
  snapshot.connections.find((each) => each.id === id);
