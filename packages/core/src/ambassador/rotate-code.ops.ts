import type { Code, RotateCode } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import {
  type CodeItem,
  codeTaken,
  findCode,
  freeCodes,
  newCode,
  noFreeCode,
  restateCode,
  serialize,
} from "../code/index.ts";
import { intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, invalidField, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { findPerson } from "../person/index.ts";
import { campaignOf, fraudOf } from "../program/index.ts";
import { write } from "../table/transact.ts";
import { AmbassadorEntity, type AmbassadorItem } from "./ambassador.entity.ts";
import { findAmbassador } from "./ambassador.ops.ts";

const tries = 8;
const dayMs = 86_400_000;

/**
 * Gives an ambassador a new code in place of one that leaked, or that a checkout does not take. The old one works, and earns, until its grace has ended; then
 * the checkouts switch it off, and orders placed later earn nobody anything by it. Its link goes on to lead to the shop, and
 * to count, for whoever has shared it. One that has failed gets no grace, as there is nothing to go on. The owner is told by mail.
 * @returns the new code
 * @throws AppError not_found; invalid for a code that is not theirs; conflict where it was replaced already, or can't be now
 */
export async function rotateCode(ctx: Context, ambassadorId: string, input: RotateCode): Promise<Code> {
  authorize(ctx.actor, "code.rotate");
  const told = await remembered<{ code: string }>(ctx);
  const snapshot = await ctx.program();
  if (told) return serialize((await findCode(ctx, told.result.code))!, snapshot, ctx.publicOrigin);
  if (ctx.actor.kind === "person" && ctx.actor.ambassadorId === ambassadorId)
    throw new AppError(
      "forbidden",
      "code.your_own",
      "This is your own code. Somebody else of the team has to replace it.",
    );
  const seed = ctx.newId("request");
  for (let attempt = 0; attempt < tries; attempt++) {
    const [ambassador, old] = await Promise.all([findAmbassador(ctx, ambassadorId), findCode(ctx, input.code)]);
    if (!ambassador) throw notFound();
    mustBeReplaceable(ambassador, old, input.code);
    const person = await findPerson(ctx.table, ambassador.personId);
    const campaign = campaignOf(snapshot, old.campaignId);
    const failed = old.state === "failed";
    const graceDays = failed ? 0 : (input.graceDays ?? fraudOf(snapshot.program).graceDays);
    const now = ctx.now();
    const endsAt = new Date(now.getTime() + graceDays * dayMs).toISOString();
    for await (const text of freeCodes(ctx, person?.profile.name ?? "", campaign, `${seed} ${attempt}`)) {
      const { tierId, joinedAt } = ambassador;
      const next = newCode(ctx, {
        code: text,
        ambassadorId,
        campaignId: old.campaignId,
        tierId,
        joinedAt,
        primary: old.primary,
      });
      const done = await commit(
        ctx,
        [
          ...next.writes,
          ...restateCode(ctx, old, { primary: false, endsAt, replacedBy: text }).writes,
          // At once for no grace: the one that restating intends. Later for the end of it.
          ...(graceDays > 0 ? intend(ctx, "code.sync", old.code, {}, { notBefore: endsAt }) : []),
          ...intend(ctx, "mail.code_rotated", old.code, failed ? { failed } : {}),
          replaceAmbassador(ctx, ambassador, ambassador.primaryCode === old.code ? { primaryCode: text } : {}),
          recordAudit(ctx, {
            action: "ambassador.code_rotated",
            subject: ambassadorId,
            before: { code: old.code },
            after: { code: text, endsAt },
          }),
        ],
        { code: text },
      );
      if (done.ok) return serialize(next.item, snapshot, ctx.publicOrigin);
      // Somebody took this text a moment ago: the next one. Anything else: look again.
      if (!done.refusals.some((refusal) => refusal.name === codeTaken)) break;
    }
  }
  throw noFreeCode();
}

function mustBeReplaceable(
  ambassador: AmbassadorItem,
  old: CodeItem | undefined,
  text: string,
): asserts old is CodeItem {
  if (!old || old.ambassadorId !== ambassador.id) throw invalidField("code", "is not a code of this ambassador");
  if (old.endsAt)
    throw new AppError("conflict", "code.replaced", `${text} has been replaced already, by ${old.replacedBy}.`);
  if (ambassador.status !== "active")
    throw new AppError("conflict", "ambassador.not_active", "Only an active ambassador can be given a code.");
  if (ambassador.codeBefore)
    throw new AppError(
      "conflict",
      "code.activating",
      "The ambassador's own code is being made at the checkouts. Try again in a few minutes.",
    );
}

const replaceAmbassador = (ctx: Context, read: AmbassadorItem, changes: Partial<AmbassadorItem>) =>
  write.put(
    "ambassador",
    AmbassadorEntity.put({ ...read, ...changes, version: read.version + 1 })
      .where((a, o) => o.eq(a.version, read.version))
      .params({ table: ctx.table.name }),
  );
