import type { Application } from "@laurel/contract";
import { AmbassadorEntity, findAmbassador } from "../ambassador/index.ts";
import { recordAudit } from "../audit/index.ts";
import { codeItemsOf, restateCode } from "../code/index.ts";
import { begun, cancel, EffectEntity, type EffectItem, effectBegun, effectKey, intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { hasCommission, hasNoOrder, orderAttributed } from "../order/index.ts";
import { replaceAccess } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import type { ApplicationItem } from "./application.entity.ts";
import { tooLateToUndo, undoRefusal } from "./application.ts";
import { textsOf } from "./approve.ops.ts";
import { type Also, othersApplication, rowTaken } from "./decide.ts";
import { busy, findApplication, loadAround, replaceApplication, replaceClaim, written } from "./load.ts";
import { get, withPersons } from "./review.ops.ts";

const tries = 5;

/**
 * Takes the latest decision back, for 10 minutes. A decline or a place on the waiting list leaves no trace with the
 * applicant, because its mail has waited; an approval ends the ambassador's code, rights and sessions, and a plain
 * apology follows.
 * @throws AppError not_found; rejected for one's own application; conflict where nothing is decided, it is too late, an
 * order is attributed already, or something else was decided since
 * @param of names the decision, so that one that was made meanwhile is left alone; the latest without
 * @param also a job that undoes what another job (`ofJobId`) decided, with its row for the same transaction
 */
export async function undo(
  ctx: Context,
  id: string,
  { decidedAt }: { decidedAt?: string | undefined } = {},
  also?: Also & { ofJobId: string },
): Promise<Application> {
  authorize(ctx.actor, "application.decide");
  if (await remembered(ctx)) return get(ctx, id);
  let wished = decidedAt;
  for (let attempt = 0; attempt < tries; attempt++) {
    const application = await othersApplication(ctx, id);
    const { decision } = application;
    if (decision?.outcome === application.status) {
      if (wished !== undefined && decision.decidedAt !== wished) throw decidedSince();
      if (also && decision.jobId !== also.ofJobId) throw decidedSince();
    }
    const refused = undoRefusal(application, ctx.now());
    if (refused) throw refused;
    wished = decision?.decidedAt;
    const taking = application.status === "approved" ? takeApprovalBack(ctx, application) : takeBack(ctx, application);
    const takenBack = await taking.catch(async (refused: unknown) => {
      // What is around the application was read after it: the reason counts only if nobody was quicker in between.
      if (await unmoved(ctx, application)) throw refused;
      return undefined;
    });
    if (!takenBack) continue;
    const { next, before, writes } = takenBack;
    const done = await commit(
      ctx,
      [
        ...writes,
        recordAudit(ctx, { action: "application.undone", subject: id, before, after: { status: next.status } }),
        ...(also?.writes ?? []),
      ],
      { applicationId: id },
    );
    if (done.ok) return (await withPersons(ctx, [next]))[0]!;
    rowTaken(done.refusals, also);
    const moved = (name: string) => done.refusals.some((each) => each.name === name);
    if (moved(effectBegun) && !moved(written.application)) throw tooLateToUndo();
    if (moved(orderAttributed) && !moved(written.application)) throw hasOrders();
    // Anything else that moved: look again, which also finds the words for it.
  }
  throw busy();
}

interface TakenBack {
  next: ApplicationItem;
  /** For the audit. */
  before: Record<string, unknown>;
  writes: Write[];
}

/** A decline, or a place on the waiting list: nobody has been told yet. */
async function takeBack(ctx: Context, application: ApplicationItem): Promise<TakenBack> {
  const { decision } = application;
  assert(decision, "what is undone was decided");
  const { person, claim } = await loadAround(ctx, application);
  if (!person) throw notFound();
  const declined = application.status === "declined";
  if (declined && !claim)
    throw new AppError(
      "conflict",
      "application.applied_again",
      "The applicant has applied again since. Decide the new application instead.",
    );
  const effect = await findEffect(ctx, decision.effectId);
  if (effect && begun(effect)) throw tooLateToUndo();
  const earlier = await placeBefore(ctx, decision);
  const { next, write } = replaceApplication(ctx, application, {
    status: earlier ? "waitlisted" : "confirmed",
    decision: earlier?.decision,
  });
  return {
    next,
    before: { status: application.status },
    writes: [
      write,
      ...(declined && claim
        ? [
            replaceClaim(ctx, claim, {
              emailKey: claim.emailKey,
              applicationId: claim.applicationId,
              state: "open",
            }),
          ]
        : []),
      ...(effect ? [cancel(ctx, effect)] : []),
      ...(earlier?.writes ?? []),
    ],
  };
}

/** The place on the waiting list that a decline had ended, with its mail where that was left out because of the decline. */
async function placeBefore(
  ctx: Context,
  { waitlisted, decidedAt }: NonNullable<ApplicationItem["decision"]>,
): Promise<{ decision: ApplicationItem["decision"]; writes: Write[] } | undefined> {
  if (!waitlisted) return undefined;
  const mail = await findEffect(ctx, waitlisted.effectId);
  // Of an effect that is done this is when it ended.
  const leftOut = mail?.state === "done" && mail.nextAttemptAt >= decidedAt;
  if (!mail || !leftOut) return { decision: waitlisted, writes: [] };
  const effectId = ctx.newId("effect");
  return {
    decision: { ...waitlisted, effectId },
    writes: intend(ctx, "mail.application_decided", mail.subject, {}, { id: effectId }),
  };
}

/** An approval: somebody has been told, so it ends what they were given, and says sorry. */
async function takeApprovalBack(ctx: Context, application: ApplicationItem): Promise<TakenBack> {
  const { decision, ambassadorId } = application;
  assert(decision && ambassadorId, "an approved application has a decision and an ambassador");
  const [{ person, claim }, ambassador, sold] = await Promise.all([
    loadAround(ctx, application),
    findAmbassador(ctx, ambassadorId),
    hasCommission(ctx, ambassadorId),
  ]);
  if (!person) throw notFound();
  if (ambassador?.status !== "active" || person.access.ambassadorId !== ambassadorId) throw decidedSince();
  if (sold) throw hasOrders();
  const codes = await codeItemsOf(ctx, ambassadorId, textsOf(ambassador));
  const at = { table: ctx.table.name };
  const { next, write: applicationWrite } = replaceApplication(ctx, application, {
    status: "confirmed",
    decision: undefined,
    ambassadorId: undefined,
  });
  return {
    next,
    before: { status: "approved", ambassadorId, code: ambassador.primaryCode },
    writes: [
      applicationWrite,
      write.put(
        "ambassador",
        AmbassadorEntity.put({
          ...ambassador,
          status: "left",
          statusReason: "approval_undone",
          version: ambassador.version + 1,
        })
          .where((attributes, operation) => operation.eq(attributes.version, ambassador.version))
          .params(at),
      ),
      // Rights and sessions end together.
      replaceAccess(ctx, person.access, { ambassadorId: undefined, formerAmbassadorId: ambassadorId }),
      ...codes.flatMap((code) => restateCode(ctx, code, { ambassadorStatus: "left" }).writes),
      ...(claim
        ? [
            replaceClaim(ctx, claim, {
              emailKey: claim.emailKey,
              applicationId: claim.applicationId,
              state: "open",
            }),
          ]
        : []),
      hasNoOrder(ctx, ambassadorId),
      ...intend(
        ctx,
        "mail.approval_undone",
        application.id,
        decision.effectId ? { approvalEffectId: decision.effectId } : {},
      ),
    ],
  };
}

const unmoved = async (ctx: Context, { id, version }: ApplicationItem): Promise<boolean> =>
  (await findApplication(ctx, id))?.version === version;

const findEffect = async (ctx: Context, id: string | undefined): Promise<EffectItem | undefined> =>
  id === undefined ? undefined : parse(EffectEntity, await getItem(ctx.table, effectKey(id)));

const hasOrders = () =>
  new AppError(
    "conflict",
    "application.undo_has_orders",
    "An order is attributed to this ambassador already, and the sale is theirs. The approval can't be undone any more.",
  );

const decidedSince = () =>
  new AppError(
    "conflict",
    "application.decided_since",
    "Something else was decided here since. Reload the application to see it.",
  );
