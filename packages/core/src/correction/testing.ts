import type { Id, Role } from "@laurel/contract";
import type { TestAmbassador } from "../../../local/testing/checkout.ts";
import type { World } from "../../../local/testing/index.ts";
import type { Actor } from "../kernel/index.ts";
import type { Fact, OrderItem } from "../order/index.ts";
import * as Orders from "../order/index.ts";

let sold = 0;

/** Takes a sale in, as the checkout's adapter tells it; 100.00 with 119.00 paid, unless said otherwise. */
export async function sell(
  world: World,
  {
    by,
    number,
    payment = "paid",
    baseMinor = 10_000,
    email = null,
    at = world.clock.now(),
  }: {
    by?: TestAmbassador | undefined;
    number?: string | undefined;
    payment?: "paid" | "unpaid";
    baseMinor?: number;
    email?: string | null;
    at?: Date;
  } = {},
): Promise<OrderItem> {
  const grossMinor = Math.ceil((baseMinor * 119) / 100);
  const { orderId } = await tell(world, {
    kind: "purchase",
    aliases: [`sale_${++sold}`],
    occurredAt: at.toISOString(),
    payment,
    currency: "EUR",
    grossMinor,
    baseMinor,
    baseLines: [{ label: "Goods", amountMinor: baseMinor }],
    ...(number === undefined ? {} : { number }),
    signals: { promotionCodeIds: by ? [by.promotionCodeId] : [], clickId: null, email },
  } as Fact);
  return orderOf(world, orderId);
}

/** What the checkout tells of an order later. */
export async function tell(world: World, fact: Fact): Promise<{ orderId: string }> {
  const ctx = world.ctx();
  const { connections } = await ctx.program();
  const taken = await Orders.take(ctx, { connection: connections[0]!, fact });
  return { orderId: taken.outcome?.orderId ?? "" };
}

export const aliasOf = (order: OrderItem): string => order.aliases[0]!;

export async function orderOf(world: World, id: string): Promise<OrderItem> {
  const order = await Orders.findOrder(world.ctx(), id);
  if (!order) throw new Error(`No order ${id}`);
  return order;
}

/** Somebody with these roles who is an ambassador, too. */
export const staffAnd = (
  world: World,
  ambassadorId: string | null,
  roles: readonly Role[] = ["manager", "ambassador"],
): Extract<Actor, { kind: "person" }> => ({
  kind: "person",
  personId: world.newId("person") as Id<"person">,
  roles,
  ambassadorId,
  network: "127.0.0.1",
});
