import type { Id } from "@laurel/contract";
import type { NewId } from "@laurel/core/kernel";
import type { ProgramSnapshot } from "@laurel/core/program";

/** The smallest program that can sell: two tiers, one campaign, one Stripe connection in test mode. */
export interface MinimalProgram extends ProgramSnapshot {
  connectionId: Id<"connection">;
  campaignId: Id<"campaign">;
  starterTierId: Id<"tier">;
  laurelTierId: Id<"tier">;
}

/**
 * The program of a fresh installation, before its owner has changed anything.
 * @param origin the portal's address; texts to accept and the shop live under it
 */
export function minimalProgram({ newId, now, origin }: { newId: NewId; now: Date; origin: string }): MinimalProgram {
  const starterTierId = newId("tier");
  const laurelTierId = newId("tier");
  const campaignId = newId("campaign");
  const connectionId = newId("connection");
  return {
    starterTierId,
    laurelTierId,
    campaignId,
    connectionId,
    program: {
      name: "Our ambassadors",
      voice: "We work with people who love what we make and say so in their own words.",
      timeZone: "Europe/Berlin",
      currency: "EUR",
      holdDays: 30,
      shopUrl: `${origin}/shop`,
      senderName: "Our ambassadors",
      niches: ["Running", "Cycling", "Outdoors", "Fitness", "Food", "Travel", "Family", "Style"],
      guidelines: { version: "1", url: `${origin}/local/documents/guidelines` },
      terms: { version: "1", url: `${origin}/local/documents/terms` },
      privacy: { version: "1", url: `${origin}/local/documents/privacy` },
      rules: { version: 1, precedence: ["promotion_code", "click", "customer"], clickWindowDays: 30 },
      version: 1,
      updatedAt: now.toISOString(),
    },
    tiers: [
      { id: starterTierId, name: "Starter", rateBp: 1000, position: 1 },
      { id: laurelTierId, name: "Laurel", rateBp: 1500, position: 2 },
    ],
    campaigns: [
      {
        id: campaignId,
        name: "Welcome",
        objective: "acquisition",
        percentOff: 15,
        couponId: "laurel-welcome-15",
        landingUrl: `${origin}/shop`,
        isDefault: true,
      },
    ],
    connections: [
      { id: connectionId, provider: "stripe", name: "Stripe test account", livemode: false, namespace: "stripe_test" },
    ],
  };
}
