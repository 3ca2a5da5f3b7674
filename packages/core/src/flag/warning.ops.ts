import type { ClearWarnings, Receipt } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { changeOrder, receipt } from "../order/index.ts";
import { concerns, isOfFlag, ownAffair } from "./flag.ts";

/**
 * Ends what the checkout has warned of, once somebody has looked: a warning of the card's issuer has no end of its own.
 * The money goes on unless something else holds it.
 * @throws AppError not_found; conflict where no warning holds it; forbidden about oneself
 */
export async function clearWarnings(ctx: Context, orderId: string, { reason }: ClearWarnings): Promise<Receipt> {
  authorize(ctx.actor, "flag.resolve");
  if (await remembered(ctx)) return receipt(ctx, orderId);
  await changeOrder(ctx, orderId, async ({ order }) => {
    if (concerns(ctx.actor, order)) throw ownAffair();
    const open = Object.entries(order.holds ?? {}).filter(([name, hold]) => !isOfFlag(name) && !hold.clearedAt);
    if (open.length === 0) throw new AppError("conflict", "order.no_warning", "No warning holds this order any more.");
    const clearedAt = ctx.now().toISOString();
    const cleared = Object.fromEntries(open.map(([name, hold]) => [name, { ...hold, clearedAt }]));
    return {
      order: { ...order, holds: { ...order.holds, ...cleared } },
      writes: [],
      beside: [
        recordAudit(ctx, {
          action: "warning.cleared",
          subject: order.id,
          before: { state: "open" },
          after: { state: "cleared", warnings: open.map(([name]) => name).join(" ") },
          note: reason,
        }),
      ],
      result: { orderId: order.id },
    };
  });
  return receipt(ctx, orderId);
}
