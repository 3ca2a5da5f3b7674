import { within } from "../attribution/index.ts";
import type { Customer } from "../customer/index.ts";
import type { OrderItem } from "./order.entity.ts";

/** Whose a customer is, since when, and by which order. */
export type Binding = Pick<Customer, "boundAmbassadorId" | "boundCode" | "boundAt" | "boundBy">;

export const nobody: Binding = {
  boundAmbassadorId: undefined,
  boundCode: undefined,
  boundAt: undefined,
  boundBy: undefined,
};

/** Whether an order makes a customer. */
export const counted = (order: Pick<OrderItem, "payment" | "mergedInto">): boolean =>
  order.payment === "paid" && !order.mergedInto;

/**
 * Whose a customer is once an order was decided: of the first who brought them, until the time of that is over and somebody
 * wins them anew. A decision that takes the order back takes back what it did. Pure.
 */
export function bindingAfter(
  before: Binding,
  order: Pick<OrderItem, "id" | "occurredAt" | "payment" | "mergedInto" | "attribution">,
  bindingMonths: number | null,
  timeZone: string,
): Binding {
  const { attribution } = order;
  const own = before.boundBy === order.id;
  const stands = own && (!attribution || order.mergedInto) ? nobody : before;
  if (!counted(order) || !attribution || stands.boundAmbassadorId === attribution.ambassadorId) return stands;
  const over =
    (attribution.kind === "promotion_code" || attribution.kind === "click") &&
    !within(bindingMonths === 0 ? null : bindingMonths, stands.boundAt ?? null, order.occurredAt, timeZone);
  if (stands.boundAmbassadorId && !own && !over) return stands;
  return {
    boundAmbassadorId: attribution.ambassadorId,
    boundCode: attribution.code,
    boundAt: order.occurredAt,
    boundBy: order.id,
  };
}
