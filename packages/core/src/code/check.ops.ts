import { intend } from "../effect/index.ts";
import { checkoutOf } from "../gateway/checkout/of.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { activeConnections } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { CodeEntity, promotionCodesOf } from "./code.entity.ts";
import { findCode } from "./code.ops.ts";
import { shouldBeActive } from "./code.ts";
import { PromoEntity, promoKey } from "./promo.entity.ts";
import type { CodeTold } from "./told.ts";

const tries = 8;

/** What follows from a change at a checkout: which of our codes it is about is looked up, and then how they are there. */
export async function heed(
  ctx: Context,
  connection: { id: string; name: string },
  told: CodeTold,
): Promise<{ ours: boolean; sentence: string; writes: Write[] }> {
  if (told.kind === "offer_changed") {
    const { campaigns } = await ctx.program();
    const campaign = campaigns.find(({ couponId }) => couponId === told.offerId);
    if (!campaign) return { ours: false, sentence: "The discount is not one of Laurel's.", writes: [] };
    return {
      ours: true,
      sentence: `The discount of the campaign “${campaign.name}” was changed there. Whether its codes still work is looked up.`,
      writes: intend(ctx, "campaign.check", campaign.id, {}),
    };
  }
  const promo = parse(PromoEntity, await getItem(ctx.table, promoKey(connection.id, told.promotionCodeId)));
  const code = promo?.ours && promo.code ? await findCode(ctx, promo.code) : undefined;
  if (code && promotionCodesOf(code)[connection.id] !== told.promotionCodeId)
    return { ours: true, sentence: `Another promotion code stands for ${code.code} there by now.`, writes: [] };
  if (!code) return { ours: false, sentence: "The promotion code is not one of Laurel's.", writes: [] };
  if (told.active === (code.state === "active"))
    return { ours: true, sentence: `That ${code.code} is so there is known.`, writes: [] };
  return {
    ours: true,
    sentence: `${code.code} was switched ${told.active ? "on" : "off"} there, or changed. Whether it works is looked up.`,
    writes: intend(ctx, "code.check", code.code, {}),
  };
}

/**
 * Learns whether a code still works at every checkout, and records it. Nothing is changed there: whoever switched it off may
 * have had a reason, so it is shown, and a person has it made anew (`putCodeAgain`).
 *
 * Events of one code come in any order, so what they told is not believed; the checkout is asked how it is now.
 * @throws AppError unavailable when a checkout or the table did not answer: try again later
 */
export async function checkCode(ctx: Context, text: string): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself speaks with a checkout");
  for (let attempt = 0; attempt < tries; attempt++) {
    const code = await findCode(ctx, text);
    assert(code, "codes are never deleted");
    // One that is being made or switched off is brought to its end by its own effect.
    if (!shouldBeActive(code, ctx.now()) || (code.state !== "active" && code.state !== "failed")) return;
    const connections = activeConnections(await ctx.program());
    const there = await Promise.all(
      connections.map(async (connection) => {
        const id = promotionCodesOf(code)[connection.id];
        const found = id === undefined ? undefined : await checkoutOf(ctx, connection).getCode(connection, id);
        return { name: connection.name, made: id !== undefined, works: found?.active === true };
      }),
    );
    // Never made somewhere: it failed for another reason, or a new checkout is just being filled. That is not ours to tell.
    const off = there.filter(({ made, works }) => made && !works).map(({ name }) => name);
    if (off.length === 0 && (code.state === "active" || there.some(({ made }) => !made))) return;
    if (off.length > 0 && code.state === "failed") return;
    const done = await transact(ctx.table, [
      write.put(
        "code",
        CodeEntity.put({
          ...code,
          state: off.length > 0 ? "failed" : "active",
          stateReason: off.length > 0 ? `It was switched off at ${off.join(" and at ")}, not by Laurel.` : undefined,
          version: code.version + 1,
        })
          .where((attributes, operation) => operation.eq(attributes.version, code.version))
          .params({ table: ctx.table.name }),
      ),
    ]);
    if (done.ok) return;
  }
  throw new AppError("unavailable", "code.busy", "The code keeps changing. It will be looked at again.", {
    retryAfterMs: 1000,
  });
}
