import type { privacyKinds } from "@laurel/contract";

/**
 * What a checkout says that is about no purchase: a buyer asks for what is kept or for its erasure, or the shop leaves. Each
 * provider's translator makes these (`gateway/<provider>`).
 */

export type PrivacyKind = (typeof privacyKinds)[number];

export interface PrivacyRequest {
  kind: "privacy";
  request: PrivacyKind;
  /** Used for the keyed hash and then forgotten. */
  email: string | null;
  /** Aliases of the orders that the checkout names; at most 250, none where it names none. */
  aliases: string[];
  /** The checkout's own number of the request, where it has one. */
  reference: string | null;
  /** False where it is about a shop that was never connected here: there is nothing to do, and that is recorded. */
  ofThisShop: boolean;
}

/** The checkout will send nothing more. */
export interface Disconnected {
  kind: "disconnected";
  why: string;
  at: string;
}
