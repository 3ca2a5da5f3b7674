import type { Actor, Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { parse } from "../table/entity.ts";
import type { Refusal } from "../table/transact.ts";
import { ApplicationEntity, type ApplicationItem } from "./application.entity.ts";
import { decidedOtherwise, type Outcome, refusal } from "./application.ts";
import { findApplication, written } from "./load.ts";

/** The application, if the actor may decide it so now. @throws AppError not_found, rejected, conflict */
export async function decidable(ctx: Context, id: string, outcome: Outcome): Promise<ApplicationItem> {
  const application = await findApplication(ctx, id);
  if (!application) throw notFound();
  if (ctx.actor.kind === "person" && ctx.actor.personId === application.personId)
    throw new AppError(
      "rejected",
      "application.own",
      "This is your own application. Ask somebody else of the team to decide it.",
    );
  const error = refusal(application.status, outcome);
  if (error) throw error;
  return application;
}

export const whoDecides = (actor: Actor): string =>
  actor.kind === "person" ? actor.personId : actor.kind === "system" ? actor.name : "public";

/** Throws if the application itself had changed: whoever was first has won, and the other is told what was decided. */
export function lostTo(refusals: readonly Refusal[]): void {
  const lost = refusals.find((each) => each.name === written.application);
  if (!lost) return;
  const winner = parse(ApplicationEntity, lost.item);
  throw winner ? decidedOtherwise(winner.status) : notFound();
}
