import type { Customer } from "../customer/index.ts";
import { type Binding, counted, nobody } from "./binding.ts";
import type { FrozenReceipt, OrderItem } from "./order.entity.ts";
import { byHand } from "./order.ts";

/** So many orders of a customer are kept together; of one who has more, the latest. */
const mostListed = 20;

const entryOf = ({ occurredAt, id }: Pick<OrderItem, "occurredAt" | "id">): string => `${occurredAt}#${id}`;
const idIn = (entry: string): string => entry.slice(entry.indexOf("#") + 1);

/** The ids of a customer's orders, by when they were placed. */
export const idsOf = ({ orders = [] }: Pick<Customer, "orders">): string[] => orders.map(idIn);

const without = (orders: readonly string[], { id }: Pick<OrderItem, "id">): string[] =>
  orders.filter((entry) => idIn(entry) !== id);

/** A customer's orders once one of them was decided: it is among them for as long as it makes a customer. */
export function listed(before: readonly string[] | undefined, order: OrderItem): string[] | undefined {
  const others = without(before ?? [], order);
  const all = (counted(order) ? [...others, entryOf(order)].sort() : others).slice(-mostListed);
  return all.length > 0 ? all : undefined;
}

/** A customer's orders without one that is not known to be theirs any more. */
export function unlisted(before: readonly string[], order: Pick<OrderItem, "id">): string[] | undefined {
  const others = without(before, order);
  return others.length > 0 ? others : undefined;
}

/** What a decision sees of the customer: whose they were when the order was placed, and whether they had not bought before. */
export interface Sight extends Binding {
  newCustomer: boolean | undefined;
}

/** What a decision saw, as its receipt has it. */
export function sightOf({ candidates = [], inputs }: Partial<Pick<FrozenReceipt, "candidates" | "inputs">>): Sight {
  const seen = candidates.find((each) => each.kind === "customer");
  return {
    ...nobody,
    boundAmbassadorId: seen?.ambassadorId,
    boundCode: seen?.code,
    boundAt: seen?.seenAt,
    newCustomer: inputs?.newCustomer,
  };
}

export const sameSight = (a: Sight, b: Sight): boolean => sameBinding(a, b) && a.newCustomer === b.newCustomer;

export const sameBinding = (a: Binding, b: Binding): boolean =>
  a.boundAmbassadorId === b.boundAmbassadorId && a.boundCode === b.boundCode && a.boundAt === b.boundAt;

/**
 * Whether a customer's orders must be decided again, in the order in which they were placed, after what became known of one:
 * others may rest on it, or it on others that it was decided without. Not so in the ordinary case, where the latest order saw
 * the customer as the others left them. What a person decides concerns that order alone.
 * @param before the order as it stood, where it was this customer's
 * @param customer as they stood
 */
export function movesOthers(order: OrderItem, before: OrderItem | undefined, customer: Customer | undefined): boolean {
  const others = without(customer?.orders ?? [], order);
  if (!customer || others.length === 0) return false;
  const stood = before !== undefined && counted(before);
  if (!counted(order)) return stood;
  if (stood && (byHand(order) || !decidedAnew(order, before))) return false;
  if (entryOf(order) < others.at(-1)! || customer.boundBy === order.id) return true;
  const looked = !order.awaits && !byHand(order) && order.subscription?.part !== "renewal";
  return looked && !sameSight(sightOf(order.receipt), { ...customer, newCustomer: false });
}

const decidedAnew = (order: OrderItem, before: OrderItem): boolean =>
  order.awaits !== before.awaits ||
  order.receipt.revision !== before.receipt.revision ||
  order.attribution?.ambassadorId !== before.attribution?.ambassadorId;
