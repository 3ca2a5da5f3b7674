import type { Entity, EntityItem } from "electrodb";

/**
 * How ElectroDB is used here: it shapes items and keys and makes the parameters of writes; the calls are our own
 * (`transact`, `getItem`, `getItems`, `listPage`), so that cancellations, unprocessed keys and outages have one treatment.
 * Keys keep their case.
 */
export const service = "laurel";

/** The name that an entity is given at import; the real table is put in when parameters are made. */
export const anyTable = "-";

/** Reads a raw item as an entity's. Undefined stays undefined, and an item of another entity is a bug. */
// biome-ignore lint/suspicious/noExplicitAny: ElectroDB's own generics are far too deep to name
export function parse<E extends Entity<any, any, any, any>>(
  entity: E,
  item: Record<string, unknown> | undefined,
): EntityItem<E> | undefined {
  if (!item) return undefined;
  if (item.__edb_e__ !== entity.schema.model.entity)
    throw new Error(`A stored item is not of ${entity.schema.model.entity}: ${String(item.pk)} ${String(item.sk)}`);
  return entity.parse({ Item: item }).data as EntityItem<E>;
}
