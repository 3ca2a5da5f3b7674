import type { Ambassador, Code, Id } from "@laurel/contract";
import {
  AmbassadorEntity,
  type AmbassadorItem,
  findAmbassador,
  serialize as serializeAmbassador,
} from "../ambassador/index.ts";
import { recordAudit } from "../audit/index.ts";
import {
  type CodeItem,
  codeItemsOf,
  codeTaken,
  findCode,
  freeCodes,
  newCode,
  noFreeCode,
  restateCode,
  serialize as serializeCode,
} from "../code/index.ts";
import { intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { findPerson, type Profile, replaceAccess } from "../person/index.ts";
import { campaignOf, tierOf } from "../program/index.ts";
import { type Write, write } from "../table/transact.ts";
import { type Also, decidable, lostTo, whoDecides } from "./decide.ts";
import { busy, closeClaim, loadAround, replaceApplication } from "./load.ts";

/** So often an approval begins again because the person or the address changed under it. */
const tries = 5;
/** So many texts are tried that others took in the very moment. */
const codeTries = 40;

export interface Approval {
  ambassador: Ambassador;
  code: Code;
}

/**
 * Makes an applicant an ambassador with a code of their own, in one transaction; the checkouts and the mail follow by
 * effects, so the code's state is `activating` at first. Whose approval was undone is the same ambassador again, with
 * the codes they had.
 * @throws AppError not_found; rejected for one's own application; conflict when it is not waiting for a decision,
 * somebody else decided first, or the person was an ambassador before; invalid for an unknown tier or campaign
 * @param also written in the same transaction
 */
export async function approve(
  ctx: Context,
  id: string,
  {
    campaignId,
    tierId,
    note,
  }: { campaignId?: string | undefined; tierId?: string | undefined; note?: string | undefined } = {},
  also?: Also,
): Promise<Approval> {
  authorize(ctx.actor, "application.decide");
  const before = await remembered<{ ambassadorId: string; code: string }>(ctx);
  if (before) return recall(ctx, before.result);
  const snapshot = await ctx.program();
  const campaign = campaignOf(snapshot, campaignId);
  const lowest = snapshot.tiers[0];
  assert(lowest, "a program has a tier");
  const tier = tierId ? tierOf(snapshot, tierId) : lowest;
  let collisions = 0;

  for (let attempt = 0; attempt < tries; attempt++) {
    const application = await decidable(ctx, id, "approved");
    const { person, claim } = await loadAround(ctx, application);
    if (!person) throw notFound();
    const { profile, access } = person;
    const former = access.formerAmbassadorId ? await findAmbassador(ctx, access.formerAmbassadorId) : undefined;
    if (access.ambassadorId) {
      // Somebody may have approved this very application since it was read; then that is the news.
      await decidable(ctx, id, "approved");
      throw new AppError(
        "conflict",
        "application.already_ambassador",
        "This person is or was an ambassador already. Look for them in the list of ambassadors.",
      );
    }

    const ambassadorId = former?.id ?? ctx.newId("ambassador");
    const now = ctx.now().toISOString();
    const effectId = ctx.newId("effect");
    const approved = replaceApplication(ctx, application, {
      status: "approved",
      ambassadorId,
      decision: {
        outcome: "approved",
        decidedAt: now,
        decidedBy: whoDecides(ctx.actor),
        note,
        effectId,
        jobId: also?.jobId,
      },
    });
    const before = former ? await codeItemsOf(ctx, former.id, textsOf(former)) : [];
    // Their code works again as it was, where it is of the wished campaign; it is the one that they know.
    const known =
      before.find((each) => each.primary && each.campaignId === campaign.id) ??
      before.find((each) => each.campaignId === campaign.id);

    let elsewhere = false;
    const texts = known ? [known.code] : freeCodes(ctx, profile.name, campaign, ambassadorId);
    for await (const text of texts) {
      const revived = before.map((each) =>
        restateCode(ctx, each, {
          ambassadorStatus: "active",
          joinedAt: now,
          tierId: tier.id,
          state: "activating",
          primary: each.code === text,
        }),
      );
      const code = known
        ? revived.find(({ item }) => item.code === text)!
        : newCode(ctx, {
            code: text,
            ambassadorId,
            campaignId: campaign.id,
            tierId: tier.id,
            joinedAt: now,
            primary: true,
          });
      const ambassador: AmbassadorItem = {
        ...former,
        statusReason: undefined,
        id: ambassadorId,
        personId: application.personId,
        applicationId: id,
        status: "active",
        tierId: tier.id,
        niche: application.niche,
        primaryCode: text,
        joinedAt: now,
        version: (former?.version ?? 0) + 1,
      };
      const done = await commit(
        ctx,
        [
          approved.write,
          putAmbassador(ctx, ambassador, former),
          replaceAccess(ctx, access, { ambassadorId, formerAmbassadorId: undefined }),
          ...revived.flatMap((each) => each.writes),
          ...(known ? [] : code.writes),
          // Whoever is an ambassador does not apply any more.
          ...closeClaim(ctx, claim, undefined),
          recordAudit(ctx, {
            action: "application.approved",
            subject: id,
            before: { status: application.status },
            after: {
              status: "approved",
              ambassadorId,
              tierId: tier.id,
              campaignId: campaign.id,
              code: text,
              ...(former ? { revived: true } : {}),
            },
          }),
          ...intend(ctx, "mail.application_decided", id, {}, { id: effectId }),
          ...(also?.writes ?? []),
        ],
        { ambassadorId, code: text },
      );
      if (done.ok) return answerOf(ctx, ambassador, profile, code.item);
      lostTo(done.refusals, also);
      elsewhere = done.refusals.some((each) => each.name !== codeTaken);
      if (elsewhere) break;
      if (++collisions >= codeTries) throw noFreeCode();
    }
    if (!elsewhere) throw noFreeCode();
  }
  throw busy();
}

/** Every code that the ambassador's own item names. */
export const textsOf = (ambassador: AmbassadorItem): string[] =>
  [ambassador.primaryCode, ambassador.ownCode, ambassador.codeBefore].filter((text) => text !== undefined);

const putAmbassador = (ctx: Context, next: AmbassadorItem, read: AmbassadorItem | undefined): Write =>
  write.put(
    "ambassador",
    read
      ? AmbassadorEntity.put(next)
          .where((attributes, operation) => operation.eq(attributes.version, read.version))
          .params({ table: ctx.table.name })
      : AmbassadorEntity.create(next).params({ table: ctx.table.name }),
  );

async function answerOf(
  ctx: Context,
  ambassador: AmbassadorItem,
  profile: Profile | undefined,
  code: CodeItem,
): Promise<Approval> {
  const snapshot = await ctx.program();
  return {
    ambassador: serializeAmbassador(ambassador, profile, snapshot),
    code: serializeCode(code, snapshot, ctx.publicOrigin),
  };
}

/** What an earlier request with the same key made, as it stands now. */
async function recall(ctx: Context, made: { ambassadorId: string; code: string }): Promise<Approval> {
  const [ambassador, code] = await Promise.all([
    findAmbassador(ctx, made.ambassadorId as Id<"ambassador">),
    findCode(ctx, made.code),
  ]);
  if (!ambassador || !code) throw notFound();
  const person = await findPerson(ctx.table, ambassador.personId);
  return answerOf(ctx, ambassador, person?.profile, code);
}
