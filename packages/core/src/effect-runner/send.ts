import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { dayOf } from "../kernel/time.ts";
import { takeLimit } from "../limit/index.ts";
import type { MailData, MailName } from "../mail/index.ts";
import { mailTroubleOf } from "../mailbox/index.ts";

/** Whom a mail goes to. */
export interface Recipient {
  personId: string;
  email: string;
}

/** Why an effect was not done, and whose mailbox it was for. */
export interface Skipped {
  why: string;
  personId: string;
}

/** Answers to a form that somebody sent a moment ago: the only mails that a complaint about others does not end. */
const askedFor: ReadonlySet<MailName> = new Set(["sign_in", "application_confirm", "application_status"]);
/** Anybody can type an address into a form, so whoever has complained gets few of them. */
const askedForADay = 3;

/**
 * Sends a mail, unless its address refuses mail or its holder does not want it.
 * @returns why it was not sent, where it was not. Templates are loaded with the first mail: most processes send none.
 */
export async function send<N extends MailName>(
  ctx: Context,
  to: Recipient,
  template: N,
  data: MailData[N],
): Promise<Skipped | undefined> {
  const why = await heldBack(ctx, to.personId, template);
  if (why) return { why, personId: to.personId };
  const { render } = await import("../mail/index.ts");
  const { program } = await ctx.program();
  const { name, senderName, shopUrl } = program;
  const replyTo = program.replyTo ?? null;
  const mail = await render(template, data, { name, senderName, shopUrl, publicOrigin: ctx.publicOrigin, replyTo });
  await ctx.gateways.mail.send({ to: to.email, fromName: senderName, replyTo, ...mail });
  return undefined;
}

async function heldBack(ctx: Context, personId: string, template: MailName): Promise<string | undefined> {
  const trouble = await mailTroubleOf(ctx, personId);
  if (!trouble?.stopped) return undefined;
  const { program } = await ctx.program();
  const since = dayOf(program.timeZone, new Date(trouble.since));
  if (trouble.kind !== "complained")
    return `Mail does not reach this address since ${since}, because ${trouble.because}.`;
  if (!askedFor.has(template)) return `This person does not want our mails since ${since}: ${trouble.because}.`;
  return (await mayAsk(ctx, personId))
    ? undefined
    : `This person does not want our mails since ${since}; of those asked for in a form, ${askedForADay} a day are sent.`;
}

async function mayAsk(ctx: Context, personId: string): Promise<boolean> {
  try {
    const rule = { name: "mail.after_complaint", subject: personId, max: askedForADay, windowMs: 86_400_000 };
    await takeLimit(ctx, [rule]);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.kind === "rate_limited") return false;
    throw error;
  }
}
