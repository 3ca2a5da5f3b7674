import type { Connection } from "../connection/index.ts";
import type { Key } from "../table/keys.ts";
import type { OrderItem } from "./order.entity.ts";

export const orderKey = (id: string): Key => ({ pk: `ORDER#${id}`, sk: "ORDER" });
export const aliasKey = (namespace: string, alias: string): Key => ({ pk: `ALIAS#${namespace}#${alias}`, sk: "ALIAS" });
export const customerItemKey = (key: string): Key => ({ pk: `CUS#${key}`, sk: "CUSTOMER" });
export const subscriptionKey = (namespace: string, id: string): Key => ({ pk: `SUB#${namespace}#${id}`, sk: "SUB" });
export const accountKey = (ambassadorId: string, currency: string): Key => ({
  pk: `AMB#${ambassadorId}`,
  sk: `ACC#${currency}`,
});
export const commissionKeyOf = (ambassadorId: string, order: Pick<OrderItem, "id" | "occurredAt">): Key => ({
  pk: `AMB#${ambassadorId}`,
  sk: `COM#${order.occurredAt}#${order.id}`,
});
/** Where the commission of whoever has an order stands; undefined where nobody has it. */
export const commissionKey = (order: Pick<OrderItem, "id" | "occurredAt" | "attribution">): Key | undefined =>
  order.attribution && commissionKeyOf(order.attribution.ambassadorId, order);

/** An id of a purchase and the space in which it is unique. */
export interface Place {
  namespace: string;
  alias: string;
}

/** Every place under which a fact names its purchase. Ids of a Stripe account are dropped where the connection names none. */
export function placesOf(
  connection: Connection,
  facts: readonly { aliases: string[]; stripeAliases?: string[] }[],
): Place[] {
  const { namespace, stripeNamespace } = connection;
  const places = facts.flatMap(({ aliases, stripeAliases = [] }) => [
    ...aliases.map((alias) => ({ namespace, alias })),
    ...(stripeNamespace ? stripeAliases.map((alias) => ({ namespace: stripeNamespace, alias })) : []),
  ]);
  return [...new Map(places.map((place) => [textOf(place, ""), place])).values()];
}

/** How an order keeps a place: as it is in its own namespace, with the namespace before it elsewhere. */
export const textOf = ({ namespace, alias }: Place, own: string): string =>
  namespace === own ? alias : `${namespace}#${alias}`;

export function placeOf(text: string, own: string): Place {
  const cut = text.indexOf("#");
  return cut < 0 ? { namespace: own, alias: text } : { namespace: text.slice(0, cut), alias: text.slice(cut + 1) };
}
