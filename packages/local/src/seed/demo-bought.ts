import type { DemoAmbassador } from "./demo-ambassadors.ts";
import type { DemoSale } from "./demo-events.ts";

/** A purchase, and whose it should be. */
export interface Bought {
  sale: DemoSale;
  owner: DemoAmbassador | undefined;
}

export const concernsOf = ({ sale, owner }: Bought): string[] => [
  sale.email,
  `sale ${sale.n}`,
  ...(owner ? [owner.id] : []),
];
