import type { Connection } from "../connection/index.ts";
import { stripeEssenceOf, stripeFactOf } from "../gateway/stripe/facts.ts";
import type { Fact } from "../order/fact.ts";

/** What an event of a connection says, in the domain's words. Pure: the same bytes say the same. */
export function factOf(connection: Connection, rawBody: Uint8Array, now: Date): Fact {
  switch (connection.provider) {
    case "stripe":
      return stripeFactOf(connection, rawBody, now);
  }
}

/** What stays the same over all deliveries of an event. */
export function essenceOf(connection: Connection, rawBody: Uint8Array): string {
  switch (connection.provider) {
    case "stripe":
      return stripeEssenceOf(rawBody);
  }
}
