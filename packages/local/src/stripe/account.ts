import type Stripe from "stripe";
import type { Desk } from "./desk.ts";

/** The account that a key belongs to, as much of it as its owner's programs look at (https://docs.stripe.com/api/accounts/object). */
export const getAccount = (
  desk: Desk,
): Pick<Stripe.Account, "id" | "object" | "country" | "default_currency" | "type"> & {
  business_profile: { name: string };
  settings: { dashboard: { display_name: string; timezone: string } };
} => ({
  id: desk.account,
  object: "account",
  business_profile: { name: "Demo shop" },
  country: "DE",
  default_currency: "eur",
  settings: { dashboard: { display_name: "Demo shop", timezone: "Etc/UTC" } },
  type: "standard",
});
