import type { Told } from "../event/translate.ts";
import { type OrderFact, type OrderItem, payments } from "../order/index.ts";

/** Whether an order, as it stands, knows everything that is told of it. Where in doubt it does not: telling it again does no harm. */
export function isKnown(order: OrderItem, told: Told): boolean {
  if (told.kind === "ignored") return true;
  const facts = told.kind === "several" ? told.facts : [told as OrderFact];
  return facts.every((fact) => knows(order, fact));
}

function knows(order: OrderItem, fact: OrderFact): boolean {
  switch (fact.kind) {
    case "purchase":
      return (
        payments.indexOf(order.payment) >= payments.indexOf(fact.payment) &&
        (order.payment === "paid" || order.grossMinor === fact.grossMinor)
      );
    case "refund": {
      const known = order.refunds?.[fact.refundId];
      const sameBase = fact.baseMinor === undefined || known?.baseMinor !== undefined;
      return known !== undefined && sameBase && (known.state === "failed" || known.state === fact.state);
    }
    case "refunded_exact":
      return fact.refundedMinor === (order.refundedExactMinor ?? 0);
    case "cancellation":
      return fact.cancelled === (order.cancellation?.cancelled ?? false);
    default:
      return false;
  }
}
