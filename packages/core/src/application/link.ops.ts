import type { ApplicantView } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { readLink, signLink } from "../kernel/secrecy.ts";
import { dayOf } from "../kernel/time.ts";
import { replaceProfile } from "../person/index.ts";
import type { ApplicationItem } from "./application.entity.ts";
import { applicantView, canWithdraw, expiredUnconfirmed } from "./application.ts";
import { busy, closeClaim, findApplication, loadAround, replaceApplication, replaceClaim } from "./load.ts";

const purpose = "application";
const tries = 5;

/**
 * The token of an application's mails. It is stored nowhere and stays good for the application's life: to see the
 * status, to confirm and to withdraw.
 */
export const tokenOf = (ctx: Context, applicationId: string): string => signLink(ctx.keys, purpose, applicationId);

/** How the application stands, for whoever holds its link. @throws AppError invalid for any link that is not ours */
export async function status(ctx: Context, token: string): Promise<ApplicantView> {
  return applicantView(await byToken(ctx, token));
}

/**
 * Confirms the address; the application joins the queue, and what was written in it becomes the person's profile.
 * Once confirmed, doing it again changes nothing.
 * @throws AppError invalid link; conflict when it was withdrawn or is too old
 */
export async function confirm(ctx: Context, token: string): Promise<ApplicantView> {
  if (await remembered(ctx)) return status(ctx, token);
  for (let attempt = 0; attempt < tries; attempt++) {
    const application = await byToken(ctx, token);
    if (application.status === "withdrawn")
      throw new AppError(
        "conflict",
        "application.withdrawn",
        "This application was withdrawn. You are welcome to apply again.",
      );
    if (application.status !== "submitted") return applicantView(application);
    const now = ctx.now();
    if (expiredUnconfirmed(application, now))
      throw new AppError(
        "conflict",
        "application.expired",
        "This link was good for 7 days, which are over. Please apply again; it takes a few minutes.",
      );
    const { person, answers, claim } = await loadAround(ctx, application);
    if (!person || !answers) throw invalidLink();
    // The address has moved on since the application was read: read again how it stands.
    if (!claim) continue;
    const at = now.toISOString();
    const { next, write } = replaceApplication(ctx, application, { status: "confirmed", confirmedAt: at });
    const done = await commit(
      ctx,
      [
        write,
        // From now on the claim does not lapse by itself.
        replaceClaim(ctx, claim, { emailKey: claim.emailKey, applicationId: claim.applicationId, state: "open" }),
        replaceProfile(ctx, person.profile, {
          name: answers.name,
          email: answers.email,
          country: answers.country,
          emailConfirmedAt: person.profile.emailConfirmedAt ?? at,
          marketingConsent: answers.marketingConsent,
          marketingConsentAt: at,
        }),
      ],
      { applicationId: application.id },
    );
    if (done.ok) return applicantView(next);
  }
  throw busy();
}

/**
 * Takes the application back; the address may apply again at once. Doing it again changes nothing.
 * @throws AppError invalid link; conflict when it was approved or declined
 */
export async function withdraw(ctx: Context, token: string): Promise<ApplicantView> {
  if (await remembered(ctx)) return status(ctx, token);
  for (let attempt = 0; attempt < tries; attempt++) {
    const application = await byToken(ctx, token);
    if (application.status === "withdrawn") return applicantView(application);
    if (!canWithdraw(application.status))
      throw new AppError(
        "conflict",
        "application.already_decided",
        `This application was already ${application.status}, so there is nothing left to withdraw.`,
      );
    const { claim } = await loadAround(ctx, application);
    const { program } = await ctx.program();
    const { next, write } = replaceApplication(ctx, application, { status: "withdrawn" });
    const done = await commit(
      ctx,
      [
        write,
        ...closeClaim(ctx, claim, dayOf(program.timeZone, ctx.now())),
        recordAudit(ctx, {
          action: "application.withdrawn",
          subject: application.id,
          before: { status: application.status },
          after: { status: "withdrawn" },
        }),
      ],
      { applicationId: application.id },
    );
    if (done.ok) return applicantView(next);
  }
  throw busy();
}

/** One answer for a forged link, a cut one and one whose application is gone. */
const invalidLink = () =>
  new AppError(
    "invalid",
    "link.invalid",
    "This link is not valid. Open the newest mail from us and use the link in it.",
    {
      errors: [{ field: "token", message: "is not valid" }],
    },
  );

async function byToken(ctx: Context, token: string): Promise<ApplicationItem> {
  const id = readLink(ctx.keys, purpose, token);
  const application = id === undefined ? undefined : await findApplication(ctx, id);
  if (!application) throw invalidLink();
  return application;
}
