import * as Applications from "@laurel/core/application";
import { sweepEffects } from "@laurel/core/effect-runner";
import { readFeedback } from "@laurel/core/gateway/mail";
import type { Context } from "@laurel/core/kernel";
import { takeFeedback } from "@laurel/core/mailbox";
import { apply } from "./demo-apply.ts";
import { demoApplicant } from "./demo-names.ts";
import type { Play } from "./demo-play.ts";
import { type Step, sweeping } from "./demo-steps.ts";
import { after, dayMs, hourMs } from "./demo-year.ts";

type Json = Record<string, unknown>;

/** What Amazon SES tells of a mail (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html). */
const told = {
  bounce: (address: string, at: Date, id: string): Json => ({
    notificationType: "Bounce",
    mail: { timestamp: at.toISOString(), messageId: `demo-${id}` },
    bounce: {
      bounceType: "Permanent",
      bounceSubType: "General",
      bouncedRecipients: [{ emailAddress: address, action: "failed" }],
      timestamp: at.toISOString(),
      feedbackId: `demo-bounce-${id}`,
    },
  }),
  full: (address: string, at: Date, id: string): Json => ({
    notificationType: "Bounce",
    mail: { timestamp: at.toISOString(), messageId: `demo-${id}` },
    bounce: {
      bounceType: "Transient",
      bounceSubType: "MailboxFull",
      bouncedRecipients: [{ emailAddress: address, action: "failed" }],
      timestamp: at.toISOString(),
      feedbackId: `demo-full-${id}`,
    },
  }),
  complaint: (address: string, at: Date, id: string): Json => ({
    notificationType: "Complaint",
    mail: { timestamp: at.toISOString(), messageId: `demo-${id}` },
    complaint: {
      complainedRecipients: [{ emailAddress: address }],
      timestamp: at.toISOString(),
      feedbackId: `demo-complaint-${id}`,
    },
  }),
};

async function hear(ctx: Context, message: Json): Promise<void> {
  for (const feedback of readFeedback(JSON.stringify(message))) await takeFeedback(ctx, feedback);
}

/** Addresses that refuse mail, whose holders do not want it, or whose mailboxes are full; and mails that are not sent for that. */
export function mailSteps({ year, team, ambassadors }: Play): Step[] {
  const steps: Step[] = [];
  for (let n = 0; n < year.size.rare; n++) {
    // Declined while their address refuses mail: the decision is there, its mail is not sent.
    const who = demoApplicant(900 + n, year.random);
    const at = after(year.daysAgo(18), n * hourMs);
    steps.push({
      at,
      name: `an address that refuses mail ${n}`,
      concerns: [`mailbox ${n}`],
      run: async () => {
        const id = await apply(year, at, who);
        await hear(year.at(after(at, dayMs), `bounce ${n}`), told.bounce(who.email, after(at, 12 * hourMs), `${n}`));
        const by = { ...year.at(after(at, 3 * dayMs), `decline ${id}`, team.manager), silent: false };
        await Applications.decline(by, id, { reason: "audience_mismatch", reapply: { policy: "now" } });
      },
    });
    const [complains, isFull] = [ambassadors[2 * n], ambassadors[2 * n + 1]];
    const later = after(year.daysAgo(20), n * hourMs);
    steps.push({
      at: later,
      name: `mailboxes ${n}`,
      concerns: [`mailboxes ${n}`],
      run: async (ctx) => {
        await hear(ctx, told.complaint(complains!.email, later, `${n}`));
        for (let day = 0; day < 5; day++) {
          const again = after(later, day * dayMs);
          await hear(year.at(again, `full ${n} ${day}`), told.full(isFull!.email, again, `${n}-${day}`));
        }
      },
    });
  }
  steps.push({
    at: year.daysAgo(14),
    name: "mails that are not sent",
    concerns: [sweeping, ...Array.from({ length: year.size.rare }, (_, n) => `mailbox ${n}`)],
    run: async (ctx) => {
      await sweepEffects(ctx);
    },
  });
  return steps;
}
