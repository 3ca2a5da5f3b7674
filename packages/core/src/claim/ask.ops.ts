import type { AskAboutOrder, ClaimAnswer, OwnClaim } from "@laurel/contract";
import { findAmbassador } from "../ambassador/index.ts";
import { recordAudit } from "../audit/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, invalidField, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { addDays, dayOf } from "../kernel/time.ts";
import { takeLimit } from "../limit/index.ts";
import { numberKeyOf, ordersByNumber, ownId } from "../order/index.ts";
import { claimDaysOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, listPage, type Page } from "../table/read.ts";
import { write } from "../table/transact.ts";
import {
  type ClaimItem,
  claimKey,
  EvidenceEntity,
  OpenClaimEntity,
  OrderClaimEntity,
  openClaimKey,
} from "./claim.entity.ts";
import { answerOf, claimDecided, claimWaits, viewOwn } from "./claim.ts";
import { findClaim } from "./read.ops.ts";

const hourMs = 3_600_000;

/** Enough for somebody who looks up what their followers told them, and far too little to try numbers one by one. */
const limitsOf = (ambassadorId: string) => [
  { name: "claim.ask.hour", subject: ambassadorId, max: 10, windowMs: hourMs },
  { name: "claim.ask.day", subject: ambassadorId, max: 30, windowMs: 24 * hourMs },
];

/**
 * Answers an ambassador who misses an order, at once where it is known; with evidence it makes a claim, unless the order is
 * theirs already. An answer needs the number and the day of one and the same order, and so many a day are given.
 * @throws AppError rate_limited; conflict where such a claim is open already
 */
export async function ask(ctx: Context, input: AskAboutOrder): Promise<ClaimAnswer> {
  authorize(ctx.actor, "me.claims");
  const told = await remembered<{ answer: ClaimAnswer["answer"]; sentence: string; claimId: string }>(ctx);
  if (told) {
    const { answer, sentence, claimId } = told.result;
    return { answer, sentence, orderId: null, claim: viewOwn((await findClaim(ctx, claimId))!) };
  }
  const ambassadorId = ownId(ctx);
  await takeLimit(ctx, limitsOf(ambassadorId));
  const { orderNumber, orderedOn, evidence } = input;
  const { program } = await ctx.program();
  const numberKey = numberKeyOf(orderNumber);
  if (!numberKey) throw invalidField("orderNumber", "has a letter or a digit at least");
  const today = dayOf(program.timeZone, ctx.now());
  if (orderedOn > today) throw invalidField("orderedOn", "is not in the future");
  const orders = await ordersByNumber(ctx, orderNumber);
  const answer = answerOf(orders, { ambassadorId, orderedOn, timeZone: program.timeZone });
  if (answer.answer === "yours" || !evidence) return { ...answer, claim: null };

  assert(ctx.actor.kind === "person", "an ambassador is a person");
  const ambassador = await findAmbassador(ctx, ambassadorId);
  if (!ambassador || ambassador.status === "banned")
    throw new AppError("rejected", "claim.not_active", "You can't claim orders at the moment. Ask the team why.");
  const claim: ClaimItem = {
    id: ctx.newId("claim"),
    ambassadorId,
    personId: ctx.actor.personId,
    orderNumber,
    orderedOn,
    state: "open",
    createdAt: ctx.now().toISOString(),
    dueOn: addDays(today, claimDaysOf(program)),
    version: 1,
  };
  const at = { table: ctx.table.name };
  const { id: claimId, personId, dueOn } = claim;
  const done = await commit(
    ctx,
    [
      write.put(claimId, OrderClaimEntity.create(claim).params(at)),
      write.put("evidence", EvidenceEntity.create({ personId, claimId, ...evidence }).params(at)),
      write.put("open", OpenClaimEntity.create({ ambassadorId, orderedOn, numberKey, claimId }).params(at)),
      recordAudit(ctx, { action: "claim.made", subject: claimId, after: { ambassadorId, orderNumber, dueOn } }),
    ],
    { answer: answer.answer, sentence: answer.sentence, claimId },
  );
  if (!done.ok)
    throw new AppError("conflict", "claim.open", "You have claimed this order already. It is being looked at.");
  return { ...answer, claim: viewOwn(claim) };
}

/** The signed-in ambassador's own claims, the newest first. */
export async function mine(ctx: Context, { cursor }: { cursor?: string | undefined }): Promise<Page<OwnClaim>> {
  authorize(ctx.actor, "me.claims");
  const ambassadorId = ownId(ctx);
  return listPage(ctx.table, [{ index: "gsi1", pk: `AMBCLAIMS#${ambassadorId}` }], {
    cursor,
    hydrate: async (found) => {
      const items = await getItems(ctx.table, found as unknown as Key[]);
      return items.map((item) => item && viewOwn(parse(OrderClaimEntity, item)!));
    },
  });
}

/** Takes one's own claim back. @throws AppError not_found, for somebody else's as well; conflict once it is decided */
export async function withdraw(ctx: Context, id: string): Promise<OwnClaim> {
  authorize(ctx.actor, "me.claims");
  const claim = parse(OrderClaimEntity, await getItem(ctx.table, claimKey(id)));
  if (claim?.ambassadorId !== ownId(ctx)) throw notFound();
  if (await remembered(ctx)) return viewOwn(claim);
  if (claim.state !== "open") throw claimDecided();
  if (claim.correctionId) throw claimWaits();
  const next: ClaimItem = { ...claim, state: "withdrawn", version: claim.version + 1 };
  const done = await commit(ctx, [
    ...ended(ctx, claim, next),
    recordAudit(ctx, {
      action: "claim.withdrawn",
      subject: id,
      before: { state: "open" },
      after: { state: next.state },
    }),
  ]);
  if (!done.ok) throw claimDecided();
  return viewOwn(next);
}

/** A claim that is not open any more; the same order may be claimed anew then. */
export const ended = (ctx: Context, before: ClaimItem, after: ClaimItem) => [
  changed(ctx, before, after),
  write.delete("open", {
    TableName: ctx.table.name,
    Key: openClaimKey(after.ambassadorId, after.orderedOn, numberKeyOf(after.orderNumber)!),
  }),
];

export const changed = (ctx: Context, before: ClaimItem, after: ClaimItem) =>
  write.put(
    "claim",
    OrderClaimEntity.put(after)
      .where((a, o) => o.eq(a.version, before.version))
      .params({ table: ctx.table.name }),
  );
