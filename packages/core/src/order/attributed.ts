import type { Context } from "../kernel/context.ts";
import { monthBefore, monthOf } from "../kernel/time.ts";
import { parse } from "../table/entity.ts";
import { getItems, type Item, queryPage } from "../table/read.ts";
import { OrderEntity } from "./order.entity.ts";

const pages = 10;
const slackMs = 60_000;

/**
 * Whether an order is attributed to an ambassador who came in at `since`. Paid ones have a commission; one whose payment
 * is still on its way is looked for among the latest 1,000, and if it is missed the sale is theirs all the same.
 * @param since ISO; checkouts tell whole seconds, and their clocks are a little off
 */
export async function hasOrder(ctx: Context, ambassadorId: string, since: string): Promise<boolean> {
  const { items } = await queryPage(ctx.table, { pk: `AMB#${ambassadorId}`, skPrefix: "COM#" }, { limit: 1 });
  if (items.length > 0) return true;
  const from = new Date(Date.parse(since) - slackMs).toISOString();
  let read = 0;
  for (let month = monthOf(ctx.now().toISOString()); month >= monthOf(from); month = monthBefore(month)) {
    let after: Item | undefined;
    do {
      const page = await queryPage(ctx.table, { index: "gsi1", pk: `ORDERS#${month}` }, { limit: 100, after });
      const fresh = page.items.filter((key) => key.gsi1sk >= from);
      const orders = await getItems(
        ctx.table,
        fresh.map((key) => ({ pk: key.pk, sk: key.sk })),
      );
      if (orders.some((item) => parse(OrderEntity, item)?.attribution?.ambassadorId === ambassadorId)) return true;
      after = fresh.length === page.items.length ? page.last : undefined;
    } while (after && ++read < pages);
  }
  return false;
}
