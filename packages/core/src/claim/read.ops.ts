import type { Claim, ClaimDetail, ClaimState } from "@laurel/contract";
import { namesOf } from "../ambassador/index.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { dayOf } from "../kernel/time.ts";
import { ordersByNumber, viewed } from "../order/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, listPage, type Page } from "../table/read.ts";
import { type ClaimItem, claimKey, EvidenceEntity, evidenceKey, OrderClaimEntity } from "./claim.entity.ts";
import { isOwn, viewOwn } from "./claim.ts";

export const findClaim = async (ctx: Context, id: string): Promise<ClaimItem | undefined> =>
  parse(OrderClaimEntity, await getItem(ctx.table, claimKey(id)));

/** Claims in one state, the one that is due first at the top. */
export async function list(
  ctx: Context,
  { state, cursor }: { state: ClaimState; cursor?: string | undefined },
): Promise<Page<Claim>> {
  authorize(ctx.actor, "claim.read");
  return listPage(ctx.table, [{ index: "gsi2", pk: `CLAIMS#${state}` }], {
    cursor,
    newestFirst: state !== "open",
    hydrate: async (found) => {
      const items = await getItems(ctx.table, found as unknown as Key[]);
      const claims = items.map((item) => parse(OrderClaimEntity, item));
      const names = await namesOf(
        ctx,
        claims.flatMap((each) => each?.ambassadorId ?? []),
      );
      // The index may lag behind.
      return claims.map((each) => (each?.state === state ? viewStaff(ctx, each, names) : undefined));
    },
  });
}

/** A claim with what the ambassador wrote, and the orders of that number. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<ClaimDetail> {
  authorize(ctx.actor, "claim.read");
  const claim = await findClaim(ctx, id);
  if (!claim) throw notFound();
  const [item, orders, { program }] = await Promise.all([
    getItem(ctx.table, evidenceKey(claim.personId, id)),
    ordersByNumber(ctx, claim.orderNumber),
    ctx.program(),
  ]);
  const evidence = parse(EvidenceEntity, item);
  const other = (order: { occurredAt: string }): number =>
    Number(dayOf(program.timeZone, new Date(order.occurredAt)) !== claim.orderedOn);
  return {
    ...(await view(ctx, claim)),
    evidence: evidence ? { text: evidence.text, link: evidence.link ?? null } : null,
    orders: (await viewed(ctx, orders)).toSorted((a, b) => other(a) - other(b)),
  };
}

export const view = async (ctx: Context, claim: ClaimItem): Promise<Claim> =>
  viewStaff(ctx, claim, await namesOf(ctx, [claim.ambassadorId]));

const viewStaff = (ctx: Context, claim: ClaimItem, names: ReadonlyMap<string, string>): Claim => ({
  ...viewOwn(claim),
  reason: claim.reason ?? null,
  ambassador: { id: claim.ambassadorId, name: names.get(claim.ambassadorId) ?? null },
  correctionId: claim.correctionId ?? null,
  mayDecide:
    claim.state === "open" &&
    claim.correctionId === undefined &&
    ctx.actor.kind === "person" &&
    !isOwn(ctx.actor, claim),
});
