import type { MailTrouble } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import type { MailFeedback } from "../gateway/mail/feedback.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { EmailEntity, ProfileEntity, personKeys } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { type Mailbox, MailboxEntity, mailboxKey } from "./mailbox.entity.ts";
import { noted, troubleOf, unknownMailbox } from "./mailbox.ts";

const tries = 5;

/**
 * Keeps what the mail service told of an address. An address that nobody here has is nobody's business.
 * @returns whether it was about somebody, and new
 * @throws AppError unavailable: the service's notification has to come again
 */
export async function takeFeedback(ctx: Context, told: MailFeedback): Promise<boolean> {
  assert(ctx.actor.kind === "system", "feedback comes from the mail service alone");
  const held = parse(EmailEntity, await getItem(ctx.table, personKeys.email(emailKey(ctx.keys, told.address))));
  if (!held) return false;
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = parse(MailboxEntity, await getItem(ctx.table, mailboxKey(held.personId)));
    const after = noted(before ?? unknownMailbox(held.personId), told, ctx.now().toISOString());
    if (!after) return false;
    // Refused where another notification about the same mailbox was quicker: look again.
    if ((await transact(ctx.table, [replaceMailbox(ctx, before, after)])).ok) return true;
  }
  throw busy();
}

/** What keeps mail from these persons, in their order. */
export async function mailTroubles(
  ctx: Context,
  personIds: readonly (string | undefined)[],
): Promise<ReadonlyMap<string, MailTrouble>> {
  const ids = [...new Set(personIds.filter((id) => id !== undefined))];
  const now = ctx.now();
  const items = await getItems(ctx.table, ids.map(mailboxKey));
  return new Map(
    items.flatMap((item) => {
      const trouble = troubleOf(parse(MailboxEntity, item), now);
      return trouble ? [[trouble.personId, trouble] as const] : [];
    }),
  );
}

/** The same of one person. */
export const mailTroubleOf = async (ctx: Context, personId: string): Promise<MailTrouble | undefined> =>
  (await mailTroubles(ctx, [personId])).get(personId);

/**
 * Has mail sent to a person again who has confirmed that it is welcome and arrives.
 * @throws AppError not_found; conflict where nothing holds mail back; unavailable where the mail service, which keeps a
 * list of its own, could not be asked: nothing was changed then
 */
export async function allowMail(ctx: Context, personId: string, { note }: { note: string }): Promise<void> {
  authorize(ctx.actor, "mail.allow");
  if (await remembered(ctx)) return;
  const profile = parse(ProfileEntity, await getItem(ctx.table, personKeys.profile(personId)));
  if (!profile) throw notFound();
  // First there: if this ends here, mail is still held back by us, and asking again does no harm.
  let asked = false;
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = parse(MailboxEntity, await getItem(ctx.table, mailboxKey(personId)));
    const trouble = troubleOf(before, ctx.now());
    if (!before || !trouble)
      throw new AppError("conflict", "mail.not_stopped", "Mail to this person is not held back. Reload the page.");
    if (!asked) await ctx.gateways.mail.allow(profile.email);
    asked = true;
    const now = ctx.now().toISOString();
    const done = await commit(ctx, [
      replaceMailbox(ctx, before, { personId, returned: [], allowedAt: now, version: before.version + 1 }),
      recordAudit(ctx, {
        action: "mail.allowed",
        subject: personId,
        before: { kind: trouble.kind, stopped: trouble.stopped, since: trouble.since },
        after: { allowedAt: now },
        note,
      }),
    ]);
    if (done.ok) return;
  }
  throw busy();
}

function replaceMailbox(ctx: Context, read: Mailbox | undefined, next: Mailbox): Write {
  const at = { table: ctx.table.name };
  return write.put(
    "mailbox",
    read
      ? MailboxEntity.put(next)
          .where((attributes, operation) => operation.eq(attributes.version, read.version))
          .params(at)
      : MailboxEntity.create(next).params(at),
  );
}

const busy = () =>
  new AppError("unavailable", "mail.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
