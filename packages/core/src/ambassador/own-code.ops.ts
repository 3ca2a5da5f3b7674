import type { Code } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { CodeEntity, type CodeItem, findCode, isOurs, newCode, renewCode, serialize } from "../code/index.ts";
import type { Connection } from "../connection/index.ts";
import { checkoutOf } from "../gateway/checkout/of.ts";
import type { CheckoutCode } from "../gateway/checkout/port.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, invalidField, notFound } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { authorize } from "../kernel/permission.ts";
import { takeLimit } from "../limit/index.ts";
import { activeConnections } from "../program/index.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { AmbassadorEntity, type AmbassadorItem } from "./ambassador.entity.ts";
import { findAmbassador } from "./ambassador.ops.ts";

const tries = 5;
const hourMs = 3600 * 1000;

/**
 * Gives the ambassador who asks a code of their own choice, once. It becomes the primary one; the code they had stays
 * as it is, with its link, for as long as they are an ambassador. The checkouts are asked before whether the text is
 * free there, and have the code made by an effect afterwards; where one of them still refuses it, `followOwnCode` takes
 * the choice back.
 * @param text as the contract's `promoCode` gives it: in upper case
 * @throws AppError invalid for a text that no code may have; conflict when somebody has it, a checkout has it, the
 * choice was made before, or the ambassador is not active; unavailable when a checkout can't be asked; rate_limited
 */
export async function chooseCode(ctx: Context, text: string): Promise<Code> {
  const { actor } = ctx;
  authorize(actor, "me.earnings");
  if (actor.kind !== "person" || !actor.ambassadorId) throw notFound();
  const { ambassadorId } = actor;
  const before = await remembered<{ code: string }>(ctx);
  if (before) return shown(ctx, await existing(ctx, before.result.code));

  // Loaded when a code is named: the word lists are heavy, and a sale needs none of them.
  const { isAcceptableCode } = await import("../code/naming.ts");
  const verdict = isAcceptableCode(text);
  if (!verdict.ok) throw invalidField("code", verdict.reason);

  for (let attempt = 0; attempt < tries; attempt++) {
    const ambassador = await findAmbassador(ctx, ambassadorId);
    if (!ambassador) throw notFound();
    mustBeAllowed(ambassador);
    const { tierId, joinedAt } = ambassador;
    const [mine, taken] = await Promise.all([findCode(ctx, ambassador.primaryCode), findCode(ctx, text)]);
    if (!mine)
      throw new AppError(
        "conflict",
        "code.none",
        "You have no code yet that another one could stand beside. Ask the team of the program.",
      );
    if (taken && !mayTryAgain(taken, ambassador)) throw takenHere(taken, ambassador);
    const own = taken
      ? renewCode(ctx, taken, { campaignId: mine.campaignId, tierId, joinedAt, primary: true })
      : newCode(ctx, { code: text, ambassadorId, campaignId: mine.campaignId, tierId, joinedAt, primary: true });
    if (attempt === 0) await mustBeFreeAtCheckouts(ctx, own.item);
    const now = ctx.now().toISOString();
    const done = await commit(
      ctx,
      [
        ...own.writes,
        replaceCode(ctx, "code before", mine, { primary: false }),
        replaceAmbassador(ctx, ambassador, {
          primaryCode: text,
          ownCodeAt: now,
          ownCode: text,
          codeBefore: mine.code,
        }),
        recordAudit(ctx, {
          action: "ambassador.code_chosen",
          subject: ambassadorId,
          before: { primaryCode: mine.code },
          after: { primaryCode: text },
        }),
      ],
      { code: text },
    );
    if (done.ok) return shown(ctx, own.item);
    // Somebody took the text, the ambassador chose elsewhere, or a checkout's answer came in: look again, and say so.
  }
  throw busy();
}

/**
 * What follows for the ambassador once the checkouts have answered about the code of their choice: a code that works
 * ends the matter; one that was refused makes the code before primary again, and they may choose anew. Doing it again
 * changes nothing.
 */
export async function followOwnCode(ctx: Context, text: string): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself follows what a checkout said");
  for (let attempt = 0; attempt < tries; attempt++) {
    const code = await findCode(ctx, text);
    if (code?.state !== "active" && code?.state !== "failed") return;
    const ambassador = await findAmbassador(ctx, code.ambassadorId);
    if (ambassador?.ownCode !== text || !ambassador.codeBefore) return;
    const writes =
      code.state === "active"
        ? [replaceAmbassador(ctx, ambassador, { codeBefore: undefined })]
        : await stepBack(ctx, ambassador, code, ambassador.codeBefore);
    if ((await transact(ctx.table, writes)).ok) return;
  }
  throw busy();
}

async function stepBack(
  ctx: Context,
  ambassador: AmbassadorItem,
  refused: CodeItem,
  codeBefore: string,
): Promise<Write[]> {
  const freed = { ownCodeAt: undefined, ownCode: undefined, codeBefore: undefined };
  // An approval that followed an undone one may have put another code first meanwhile; that one stays there.
  if (ambassador.primaryCode !== refused.code) return [replaceAmbassador(ctx, ambassador, freed)];
  const restored = await existing(ctx, codeBefore);
  return [
    replaceCode(ctx, "code", refused, { primary: false }),
    replaceCode(ctx, "code before", restored, { primary: true }),
    replaceAmbassador(ctx, ambassador, { ...freed, primaryCode: codeBefore }),
    recordAudit(ctx, {
      action: "ambassador.code_refused",
      subject: ambassador.id,
      before: { primaryCode: refused.code },
      after: { primaryCode: codeBefore, reason: refused.stateReason ?? null },
    }),
  ];
}

function mustBeAllowed(ambassador: AmbassadorItem): void {
  if (ambassador.status !== "active")
    throw new AppError(
      "conflict",
      "ambassador.not_active",
      "A code can be chosen while you are an active ambassador, which you are not at the moment.",
    );
  if (ambassador.ownCodeAt !== undefined)
    throw new AppError(
      "conflict",
      "code.already_chosen",
      `You have chosen your own code already: ${ambassador.ownCode}. That can be done once.`,
    );
}

/** A code that was refused before may be free at the checkout by now. */
const mayTryAgain = (taken: CodeItem, ambassador: AmbassadorItem): boolean =>
  taken.ambassadorId === ambassador.id && taken.state === "failed" && !taken.primary;

const conflict = (code: string, message: string, field: string) =>
  new AppError("conflict", code, message, { errors: [{ field: "code", message: field }] });

const takenHere = (taken: CodeItem, ambassador: AmbassadorItem): AppError =>
  taken.ambassadorId === ambassador.id
    ? conflict("code.yours", `${taken.code} is a code of yours already. Choose another one.`, "is yours already")
    : conflict("code.taken", `${taken.code} is taken. Choose another code.`, "is taken");

/** @throws AppError conflict where a checkout has such a code that is not this one; unavailable where one can't be asked */
async function mustBeFreeAtCheckouts(ctx: Context, wished: CodeItem): Promise<void> {
  const connections = activeConnections(await ctx.program());
  if (connections.length === 0)
    throw new AppError(
      "conflict",
      "code.no_checkout",
      "The program's shop is not connected yet, so no code could work there. Try again once it is.",
    );
  // Every try asks somebody else's service, so they are counted.
  await takeLimit(ctx, [{ name: "code.choose", subject: wished.ambassadorId, max: 30, windowMs: hourMs }]);
  const found = await Promise.all(connections.map((connection) => ask(ctx, connection, wished.code)));
  if (found.some((each) => each && !isOurs(wished, each.metadata)))
    throw conflict("code.taken", `${wished.code} is in use at the shop already. Choose another code.`, "is taken");
}

async function ask(ctx: Context, connection: Connection, text: string): Promise<CheckoutCode | undefined> {
  try {
    return await checkoutOf(ctx, connection).findCode(connection, text);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    // A definite no to a question is about the connection, so it is nothing that the ambassador could mend.
    ctx.log.warn("code.checkout_unavailable", { connectionId: connection.id, ...errorOf(cause) });
    throw new AppError(
      "unavailable",
      "code.checkout_unavailable",
      "The shop's checkout does not answer, so nobody can say whether this code is free. Nothing was changed; try again in a few minutes.",
      { retryAfterMs: 60_000, cause },
    );
  }
}

const replaceAmbassador = (ctx: Context, read: AmbassadorItem, changes: Partial<AmbassadorItem>): Write =>
  write.put(
    "ambassador",
    AmbassadorEntity.put({ ...read, ...changes, version: read.version + 1 })
      .where((attributes, operation) => operation.eq(attributes.version, read.version))
      .params({ table: ctx.table.name }),
  );

const replaceCode = (ctx: Context, name: string, read: CodeItem, changes: Partial<CodeItem>): Write =>
  write.put(
    name,
    CodeEntity.put({ ...read, ...changes, version: read.version + 1 })
      .where((attributes, operation) => operation.eq(attributes.version, read.version))
      .params({ table: ctx.table.name }),
  );

async function existing(ctx: Context, text: string): Promise<CodeItem> {
  const code = await findCode(ctx, text);
  assert(code, "codes are never deleted");
  return code;
}

const shown = async (ctx: Context, code: CodeItem): Promise<Code> =>
  serialize(code, await ctx.program(), ctx.publicOrigin);

const busy = () =>
  new AppError("unavailable", "code.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
