import type { NewId } from "../kernel/ids.ts";
import type { ProgramSnapshot } from "./program.ts";
import { defaultRules } from "./rules.ts";

/** What nobody but the brand can know of its first program. */
export interface Brand {
  name: string;
  /** ISO 4217; it stays as it is, for what is earned is kept in it. */
  currency: string;
  /** An IANA name; days, months and holds count in it. */
  timeZone: string;
  shopUrl: string;
  /** The texts that applicants accept. */
  guidelinesUrl: string;
  termsUrl: string;
  privacyUrl: string;
}

/**
 * The smallest program that can be run: two tiers and one campaign, with no checkout connected yet. Its owner changes
 * what they like in the portal; only the currency is for good.
 */
export function firstProgram({ newId, now, brand }: { newId: NewId; now: Date; brand: Brand }): ProgramSnapshot {
  return {
    program: {
      name: brand.name,
      voice: "We work with people who love what we make and say so in their own words.",
      timeZone: brand.timeZone,
      currency: brand.currency,
      holdDays: 30,
      shopUrl: brand.shopUrl,
      senderName: brand.name,
      niches: ["Running", "Cycling", "Outdoors", "Fitness", "Food", "Travel", "Family", "Style"],
      guidelines: { version: "1", url: brand.guidelinesUrl },
      terms: { version: "1", url: brand.termsUrl },
      privacy: { version: "1", url: brand.privacyUrl },
      rules: { version: 1, ...defaultRules },
      version: 1,
      updatedAt: now.toISOString(),
    },
    tiers: [
      { id: newId("tier"), name: "Starter", rateBp: 1000, position: 1 },
      { id: newId("tier"), name: "Laurel", rateBp: 1500, position: 2 },
    ],
    campaigns: [
      {
        id: newId("campaign"),
        name: "Welcome",
        objective: "acquisition",
        percentOff: 15,
        couponId: "laurel-welcome-15",
        landingUrl: brand.shopUrl,
        isDefault: true,
      },
    ],
    connections: [],
  };
}
