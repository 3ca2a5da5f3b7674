import type { Application, ApplicationStatus, DeclineReason, Reapply } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { dayOf } from "../kernel/time.ts";
import { mailTroubles } from "../mailbox/index.ts";
import { AnswersEntity, namesOf, personKeys } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItems, type Item, listPage, type Page } from "../table/read.ts";
import { ApplicationEntity, type ApplicationItem, type EarlierDecision } from "./application.entity.ts";
import { reapplyOnOf, serialize, undoWithinMs } from "./application.ts";
import { type Also, decidable, lostTo, whoDecides } from "./decide.ts";
import { busy, closeClaim, findApplication, loadAround, replaceApplication } from "./load.ts";
import { searchFor } from "./search.ts";

const tries = 3;

export interface ApplicationFilter {
  status: ApplicationStatus;
  /** Compared without regard to case. */
  niche?: string | undefined;
  country?: string | undefined;
  minFollowers?: number | undefined;
  /** Words that all stand somewhere in what the applicant wrote. */
  q?: string | undefined;
  cursor?: string | undefined;
}

/** The applications of one status, newest first. Filters run over what the index found, so a page may be short. */
export async function list(ctx: Context, filter: ApplicationFilter): Promise<Page<Application>> {
  authorize(ctx.actor, "application.read");
  return listPage(ctx.table, [{ index: "gsi1", pk: `APPS#${filter.status}` }], {
    cursor: filter.cursor,
    hydrate: (found) => hydrate(ctx, found, filter),
  });
}

async function hydrate(ctx: Context, found: readonly Item[], filter: ApplicationFilter): Promise<Application[]> {
  const items = await getItems(
    ctx.table,
    found.map((key) => ({ pk: key.pk, sk: key.sk })),
  );
  const wanted = items.flatMap((item) => {
    const application = parse(ApplicationEntity, item);
    return application && fits(application, filter) ? [application] : [];
  });
  const applications = await withPersons(ctx, wanted);
  return filter.q === undefined ? applications : applications.filter(searchFor(filter.q));
}

const fold = (text: string): string => text.normalize("NFC").toLocaleLowerCase("en");

const fits = (application: ApplicationItem, { status, niche, country, minFollowers }: ApplicationFilter): boolean =>
  application.status === status &&
  (niche === undefined || fold(application.niche) === fold(niche)) &&
  (country === undefined || application.country === country) &&
  (minFollowers === undefined || application.maxFollowers >= minFollowers);

export async function withPersons(ctx: Context, applications: readonly ApplicationItem[]): Promise<Application[]> {
  const [answers, names, troubles] = await Promise.all([
    getItems(
      ctx.table,
      applications.map((each) => personKeys.answers(each.personId, each.id)),
    ),
    namesOf(
      ctx.table,
      applications.map((each) => each.decision?.decidedBy),
    ),
    mailTroubles(
      ctx,
      applications.map((each) => each.personId),
    ),
  ]);
  const now = ctx.now();
  return applications.map((each, index) =>
    serialize(each, parse(AnswersEntity, answers[index]), names, troubles.get(each.personId), now),
  );
}

/** One application, for staff. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<Application> {
  authorize(ctx.actor, "application.read");
  const application = await findApplication(ctx, id);
  if (!application) throw notFound();
  const [answer] = await withPersons(ctx, [application]);
  return answer!;
}

/** Puts a confirmed application on the waiting list; it can be approved or declined later. @throws as `decline` */
export async function waitlist(
  ctx: Context,
  id: string,
  { note }: { note?: string | undefined },
): Promise<Application> {
  authorize(ctx.actor, "application.decide");
  return decide(ctx, id, { outcome: "waitlisted", note });
}

/**
 * Declines an application, with a reason that the applicant reads and a day from which they may apply again.
 * @throws AppError not_found; rejected for one's own application; conflict when it is not waiting for this decision,
 * or somebody else decided first
 * @param also written in the same transaction
 */
export async function decline(
  ctx: Context,
  id: string,
  { reason, note, reapply }: { reason: DeclineReason; note?: string | undefined; reapply: Reapply },
  also?: Also,
): Promise<Application> {
  authorize(ctx.actor, "application.decide");
  return decide(ctx, id, { outcome: "declined", reason, note, reapply }, also);
}

async function decide(
  ctx: Context,
  id: string,
  what:
    | { outcome: "waitlisted"; note: string | undefined }
    | { outcome: "declined"; reason: DeclineReason; note: string | undefined; reapply: Reapply },
  also?: Also,
): Promise<Application> {
  if (await remembered(ctx)) return get(ctx, id);
  for (let attempt = 0; attempt < tries; attempt++) {
    const application = await decidable(ctx, id, what.outcome);
    const { program } = await ctx.program();
    const now = ctx.now();
    const declined = what.outcome === "declined" ? what : undefined;
    const reapplyOn = declined && reapplyOnOf(declined.reapply, dayOf(program.timeZone, now));
    // The mail waits as long as the decision can be undone, so that undoing it is free.
    const effectId = ctx.newId("effect");
    const notBefore = new Date(now.getTime() + undoWithinMs).toISOString();
    const { next, write } = replaceApplication(ctx, application, {
      status: what.outcome,
      decision: {
        outcome: what.outcome,
        decidedAt: now.toISOString(),
        decidedBy: whoDecides(ctx.actor),
        reason: declined?.reason,
        note: what.note,
        reapply: declined?.reapply,
        reapplyOn,
        effectId,
        jobId: also?.jobId,
        waitlisted: application.status === "waitlisted" ? (application.decision as EarlierDecision) : undefined,
      },
    });
    const { claim } = declined ? await loadAround(ctx, application) : { claim: undefined };
    const done = await commit(
      ctx,
      [
        write,
        ...closeClaim(ctx, claim, reapplyOn),
        recordAudit(ctx, {
          action: `application.${what.outcome}`,
          subject: id,
          before: { status: application.status },
          after: declined
            ? { status: what.outcome, reason: declined.reason, reapply: declined.reapply, reapplyOn: reapplyOn ?? null }
            : { status: what.outcome },
        }),
        ...intend(ctx, "mail.application_decided", id, {}, { id: effectId, notBefore }),
        ...(also?.writes ?? []),
      ],
      { applicationId: id },
    );
    if (done.ok) return (await withPersons(ctx, [next]))[0]!;
    lostTo(done.refusals, also);
  }
  throw busy();
}
