import type { Connection } from "../connection/index.ts";
import type { PromotionCode } from "../gateway/stripe/port.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import type { ProgramSnapshot } from "../program/index.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { CodeEntity, type CodeItem, promotionCodesOf } from "./code.entity.ts";
import { findCode } from "./code.ops.ts";
import { isOurs, metadataOf, shouldBeActive } from "./code.ts";
import { PromoEntity } from "./promo.entity.ts";

/** Stripe's limit for a coupon's name: https://docs.stripe.com/api/coupons/create */
const couponNameMax = 40;
const tries = 8;

/**
 * Makes every checkout agree with what a code should be now, then records what is so. It acts on the state that it
 * reads, not on what was asked when the effect was written, and what it does at the checkout carries a key, so running
 * it twice, at once or again after a crash at any step ends in one promotion code.
 *
 * A checkout's definite no is recorded as `failed` with its reason, and is an end.
 * @throws AppError unavailable when a checkout or the table did not answer: try again later
 */
export async function syncCode(ctx: Context, text: string): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself speaks with a checkout");
  for (let attempt = 0; attempt < tries; attempt++) {
    const code = await findCode(ctx, text);
    if (!code) throw new Error(`There is no code ${text}`);
    const snapshot = await ctx.program();
    const found = await agree(ctx, code, snapshot);
    const next: CodeItem = { ...code, ...found, version: code.version + 1 };
    if (same(code, next)) return;
    // Refused when the code changed while the checkout was asked: then what was done there may be wrong by now.
    if ((await transact(ctx.table, record(ctx, code, next))).ok) return;
  }
  throw busy("The code keeps changing. It will be tried again.");
}

const busy = (message: string) => new AppError("unavailable", "code.busy", message, { retryAfterMs: 1000 });

type Found = Pick<CodeItem, "state" | "stateReason" | "promotionCodes" | "refusals">;

async function agree(ctx: Context, code: CodeItem, snapshot: ProgramSnapshot): Promise<Found> {
  const promotionCodes = { ...promotionCodesOf(code) };
  const reasons: string[] = [];
  for (const connection of snapshot.connections) {
    try {
      const promotionCode = await agreeWith(ctx, code, snapshot, connection);
      if (promotionCode) promotionCodes[connection.id] = promotionCode.id;
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== "rejected") throw error;
      reasons.push(snapshot.connections.length > 1 ? `${connection.name}: ${error.message}` : error.message);
    }
  }
  if (snapshot.connections.length === 0 && shouldBeActive(code)) reasons.push("No checkout is connected yet.");
  return {
    state: reasons.length > 0 ? "failed" : shouldBeActive(code) ? "active" : "disabled",
    stateReason: reasons.length > 0 ? reasons.join(" ") : undefined,
    promotionCodes,
    refusals: code.refusals + (reasons.length > 0 ? 1 : 0),
  };
}

/** @returns the checkout's promotion code, in the wished state; undefined where there is none and none is wished */
async function agreeWith(
  ctx: Context,
  code: CodeItem,
  snapshot: ProgramSnapshot,
  connection: Connection,
): Promise<PromotionCode | undefined> {
  const { stripe } = ctx.gateways;
  const active = shouldBeActive(code);
  const known = promotionCodesOf(code)[connection.id];
  let there = known === undefined ? undefined : await stripe.getPromotionCode(connection.id, known);
  // An earlier run may have made it and stopped before it was recorded.
  there ??= await findOurs(ctx, code, connection, active);
  if (!there) {
    if (!active) return undefined;
    const campaign = snapshot.campaigns.find((each) => each.id === code.campaignId);
    // Made less than the remembered program's age ago.
    if (!campaign) throw busy("The campaign of the code is not known here yet. It will be tried again.");
    await stripe.ensureCoupon(connection.id, {
      id: campaign.couponId,
      name: campaign.name.slice(0, couponNameMax),
      percentOff: campaign.percentOff,
    });
    there = await stripe.createPromotionCode(connection.id, {
      couponId: campaign.couponId,
      code: code.code,
      metadata: metadataOf(code),
      idempotencyKey: [`code:${code.code}:${connection.id}`, ...(code.refusals > 0 ? [code.refusals] : [])].join(":"),
    });
  }
  return there.active === active ? there : stripe.setPromotionCodeActive(connection.id, there.id, active);
}

async function findOurs(
  ctx: Context,
  code: CodeItem,
  connection: Connection,
  wished: boolean,
): Promise<PromotionCode | undefined> {
  const found = await ctx.gateways.stripe.findPromotionCode(connection.id, code.code);
  if (!found || isOurs(code, found.metadata)) return found;
  if (!wished) return undefined;
  throw new AppError(
    "rejected",
    "code.taken",
    `The checkout has a promotion code ${code.code} already that Laurel did not make. Switch that one off there, or choose another code.`,
  );
}

/** Whether nothing is to be recorded: a promotion code that is known was recorded with its own item. */
const same = (before: CodeItem, after: CodeItem): boolean =>
  before.state === after.state &&
  before.stateReason === after.stateReason &&
  before.refusals === after.refusals &&
  JSON.stringify(before.promotionCodes) === JSON.stringify(after.promotionCodes);

function record(ctx: Context, before: CodeItem, after: CodeItem): Write[] {
  const at = { table: ctx.table.name };
  return [
    write.put(
      "code",
      CodeEntity.put(after)
        .where((attributes, operation) => operation.eq(attributes.version, before.version))
        .params(at),
    ),
    ...Object.entries(promotionCodesOf(after)).map(([connectionId, promotionCodeId]) =>
      promoWrite(ctx, after, connectionId, promotionCodeId),
    ),
  ];
}

/** The write of the item by which a sale finds the code. Whoever changes tier or status writes it anew. */
export const promoWrite = (ctx: Context, code: CodeItem, connectionId: string, promotionCodeId: string): Write =>
  write.put(
    `promo ${connectionId} ${promotionCodeId}`,
    PromoEntity.put({
      connectionId,
      promotionCodeId,
      ours: true,
      code: code.code,
      ambassadorId: code.ambassadorId,
      campaignId: code.campaignId,
      tierId: code.tierId,
      ambassadorStatus: code.ambassadorStatus,
      joinedAt: code.joinedAt,
    }).params({ table: ctx.table.name }),
  );
