import type { Id } from "@laurel/contract";
import type { NewId } from "@laurel/core/kernel";
import { firstProgram, type ProgramSnapshot } from "@laurel/core/program";

/** The first program with one Stripe connection in test mode beside it, so that it can sell at once. */
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
  const first = firstProgram({
    newId,
    now,
    brand: {
      name: "Our ambassadors",
      currency: "EUR",
      timeZone: "Europe/Berlin",
      shopUrl: `${origin}/shop`,
      guidelinesUrl: `${origin}/local/documents/guidelines`,
      termsUrl: `${origin}/local/documents/terms`,
      privacyUrl: `${origin}/local/documents/privacy`,
    },
  });
  const connectionId = newId("connection");
  const [starter, laurel] = first.tiers;
  return {
    ...first,
    starterTierId: starter!.id as Id<"tier">,
    laurelTierId: laurel!.id as Id<"tier">,
    campaignId: first.campaigns[0]!.id as Id<"campaign">,
    connectionId,
    connections: [
      { id: connectionId, provider: "stripe", name: "Stripe test account", livemode: false, namespace: "stripe_test" },
    ],
  };
}
