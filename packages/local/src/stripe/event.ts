import type Stripe from "stripe";
import * as z from "zod";
import type { Desk } from "./desk.ts";
import { list, page, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { missing } from "./refusal.ts";

export const getEvent = (desk: Desk, id: string): Stripe.Event =>
  (desk.store.get(desk.account, "event", id) as Stripe.Event | undefined) ?? missing("event", id);

export const ListEvents = z.strictObject({
  ...page,
  type: text(100).optional(),
  types: list(text(100), 20).optional(),
});
/** Stripe lists what happened in the last 30 days (https://docs.stripe.com/api/events/list). */
const listedS = 30 * 86_400;

export const listEvents = (desk: Desk, params: z.output<typeof ListEvents>) =>
  pageOf(desk, "event", "/v1/events", params, [
    ["json_extract(data, '$.created') >= ?", desk.nowS - listedS],
    ["json_extract(data, '$.type') = ?", params.type],
    ["json_extract(data, '$.type') IN (SELECT value FROM json_each(?))", params.types && JSON.stringify(params.types)],
  ]);
