import type { Connection } from "../connection/index.ts";
import { checkoutOf } from "../gateway/checkout/of.ts";
import type { CheckoutCode } from "../gateway/checkout/port.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { activeConnections, type ProgramSnapshot } from "../program/index.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { CodeEntity, type CodeItem, promotionCodesOf } from "./code.entity.ts";
import { findCode } from "./code.ops.ts";
import { isOurs, metadataOf, shouldBeActive } from "./code.ts";
import { PromoEntity } from "./promo.entity.ts";

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
    const { found, later } = await agree(ctx, code, snapshot);
    const next: CodeItem = { ...code, ...found, version: code.version + 1 };
    // Refused when the code changed while the checkout was asked: then what was done there may be wrong by now.
    if (!same(code, next) && !(await transact(ctx.table, record(ctx, code, next))).ok) continue;
    if (later) throw later;
    return;
  }
  throw busy("The code keeps changing. It will be tried again.");
}

const busy = (message: string) => new AppError("unavailable", "code.busy", message, { retryAfterMs: 1000 });

type Found = Pick<CodeItem, "state" | "stateReason" | "promotionCodes" | "refusals">;

/** Asks every checkout, also where one of them does not answer: what the others have said is recorded, and it is asked again. */
async function agree(
  ctx: Context,
  code: CodeItem,
  snapshot: ProgramSnapshot,
): Promise<{ found: Found; later: AppError | undefined }> {
  const promotionCodes = { ...promotionCodesOf(code) };
  const reasons: string[] = [];
  let later: AppError | undefined;
  const connections = activeConnections(snapshot);
  for (const connection of connections) {
    try {
      const promotionCode = await agreeWith(ctx, code, snapshot, connection);
      if (promotionCode) promotionCodes[connection.id] = promotionCode.id;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind !== "rejected") later = error;
      else reasons.push(connections.length > 1 ? `${connection.name}: ${error.message}` : error.message);
    }
  }
  if (connections.length === 0 && shouldBeActive(code, ctx.now())) reasons.push("No checkout is connected yet.");
  if (later && reasons.length === 0) return { found: { ...code, promotionCodes }, later };
  const found: Found = {
    state: reasons.length > 0 ? "failed" : shouldBeActive(code, ctx.now()) ? "active" : "disabled",
    stateReason: reasons.length > 0 ? reasons.join(" ") : undefined,
    promotionCodes,
    refusals: code.refusals + (reasons.length > 0 ? 1 : 0),
  };
  return { found, later };
}

/** @returns the checkout's promotion code, in the wished state; undefined where there is none and none is wished */
async function agreeWith(
  ctx: Context,
  code: CodeItem,
  snapshot: ProgramSnapshot,
  connection: Connection,
): Promise<CheckoutCode | undefined> {
  const checkout = checkoutOf(ctx, connection);
  const active = shouldBeActive(code, ctx.now());
  const known = promotionCodesOf(code)[connection.id];
  let there = known === undefined ? undefined : await checkout.getCode(connection, known);
  // An earlier run may have made it and stopped before it was recorded.
  there ??= await findOurs(ctx, code, connection, active);
  const make = (...inPlaceOf: string[]) => {
    const campaign = snapshot.campaigns.find((each) => each.id === code.campaignId);
    // Made less than the remembered program's age ago.
    if (!campaign) throw busy("The campaign of the code is not known here yet. It will be tried again.");
    return checkout.createCode(connection, {
      offer: { id: campaign.couponId, name: campaign.name, percentOff: campaign.percentOff },
      code: code.code,
      metadata: metadataOf(code),
      idempotencyKey: [
        `code:${code.code}:${connection.id}`,
        ...inPlaceOf,
        ...(code.refusals > 0 ? [code.refusals] : []),
      ].join(":"),
    });
  };
  if (!there) return active ? make() : undefined;
  if (there.active === active) return there;
  try {
    return await checkout.setCodeActive(connection, there.id, active);
  } catch (error) {
    // What it gave was deleted there, for one: it never works again, and another promotion code takes its place. An earlier
    // run may have made that, too.
    const refused = active && error instanceof AppError && error.kind === "rejected";
    const anew = refused ? ((await findOurs(ctx, code, connection, active)) ?? (await make(there.id))) : undefined;
    if (anew?.active) return anew;
    throw error;
  }
}

async function findOurs(
  ctx: Context,
  code: CodeItem,
  connection: Connection,
  wished: boolean,
): Promise<CheckoutCode | undefined> {
  const found = await checkoutOf(ctx, connection).findCode(connection, code.code);
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
    // Sales by one that another has taken the place of still count. Nobody would rewrite its copies.
    ...Object.entries(promotionCodesOf(before))
      .filter(([connectionId, promotionCodeId]) => promotionCodesOf(after)[connectionId] !== promotionCodeId)
      .map(([connectionId, promotionCodeId]) =>
        promoWrite(ctx, after, connectionId, promotionCodeId, { copies: false }),
      ),
  ];
}

/**
 * The write of the item by which a sale finds the code. Whoever changes tier or status writes it anew.
 * @param copies false where nobody would do so: a sale then reads the code itself
 */
export const promoWrite = (
  ctx: Context,
  code: CodeItem,
  connectionId: string,
  promotionCodeId: string,
  { copies = true } = {},
): Write =>
  write.put(
    `promo ${connectionId} ${promotionCodeId}`,
    PromoEntity.put({
      connectionId,
      promotionCodeId,
      ours: true,
      code: code.code,
      ambassadorId: code.ambassadorId,
      campaignId: code.campaignId,
      ...(copies && {
        tierId: code.tierId,
        ambassadorStatus: code.ambassadorStatus,
        joinedAt: code.joinedAt,
        endsAt: code.endsAt,
      }),
    }).params({ table: ctx.table.name }),
  );
