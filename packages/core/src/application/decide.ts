import type { Actor, Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { parse } from "../table/entity.ts";
import type { Refusal, Write } from "../table/transact.ts";
import { ApplicationEntity, type ApplicationItem } from "./application.entity.ts";
import { decidedOtherwise, type Outcome, refusal } from "./application.ts";
import { findApplication, written } from "./load.ts";

/** The application, if the actor may decide it so now. @throws AppError not_found, rejected, conflict */
export async function decidable(ctx: Context, id: string, outcome: Outcome): Promise<ApplicationItem> {
  const application = await othersApplication(ctx, id);
  const error = refusal(application.status, outcome);
  if (error) throw error;
  return application;
}

/** An application that is not the actor's own. @throws AppError not_found, rejected */
export async function othersApplication(ctx: Context, id: string): Promise<ApplicationItem> {
  const application = await findApplication(ctx, id);
  if (!application) throw notFound();
  if (ctx.actor.kind === "person" && ctx.actor.personId === application.personId)
    throw new AppError(
      "rejected",
      "application.own",
      "This is your own application. Ask somebody else of the team to decide it.",
    );
  return application;
}

export const whoDecides = (actor: Actor): string =>
  actor.kind === "person" ? actor.personId : actor.kind === "system" ? actor.name : "public";

/** What else belongs into a decision's transaction: the row of the job that decides it. */
export interface Also {
  jobId: string;
  writes: Write[];
}

/** Throws if another runner of the same job has written the row. */
export function rowTaken(refusals: readonly Refusal[], also: Also | undefined): void {
  if (also?.writes.some(({ name }) => refusals.some((each) => each.name === name)))
    throw new AppError("conflict", "job.row_taken", "Another runner of the job has done this row.");
}

/** Throws if the application itself had changed: whoever was first has won, and the other is told what was decided. */
export function lostTo(refusals: readonly Refusal[], also?: Also): void {
  rowTaken(refusals, also);
  const lost = refusals.find((each) => each.name === written.application);
  if (!lost) return;
  const winner = parse(ApplicationEntity, lost.item);
  throw winner ? decidedOtherwise(winner.status) : notFound();
}
