import { notFound } from "../kernel/errors.ts";
import type { Key } from "../table/keys.ts";
import type { Item } from "../table/read.ts";

export interface EventRef {
  connectionId: string;
  eventId: string;
}

export const keyOf = (ref: EventRef, sk: "IN" | "DONE" | "RETRY"): Key => ({
  pk: `EVT#${ref.connectionId}#${ref.eventId}`,
  sk,
});

export function refOf(item: Item): EventRef {
  const [, connectionId, ...rest] = (item.pk as string).split("#");
  return { connectionId: connectionId!, eventId: rest.join("#") };
}

/** `con_…~evt_…`: what the API calls an event. */
export const idOf = (ref: EventRef): string => `${ref.connectionId}~${ref.eventId}`;
export function refOfId(id: string): EventRef {
  const cut = id.indexOf("~");
  if (cut < 1) throw notFound();
  return { connectionId: id.slice(0, cut), eventId: id.slice(cut + 1) };
}
