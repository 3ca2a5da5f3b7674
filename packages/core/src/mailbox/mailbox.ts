import type { Id, MailTrouble } from "@laurel/contract";
import type { FeedbackReason, MailFeedback } from "../gateway/mail/feedback.ts";
import type { Mailbox } from "./mailbox.entity.ts";

const dayMs = 86_400_000;
/** So many mails that came back within so long stop the mail: nobody reads that mailbox. */
const mostReturned = 5;
const returnedWithinMs = 30 * dayMs;
const keptReturned = 10;

/** A mailbox of which nothing is known. */
export const unknownMailbox = (personId: string): Mailbox => ({ personId, returned: [], version: 0 });

/**
 * What is known of a mailbox once one more thing was told; undefined where that is nothing new. Things may be told late,
 * twice and in any order: what is known in the end is the same.
 */
export function noted(before: Mailbox, told: MailFeedback, now: string): Mailbox | undefined {
  const at = told.at && told.at < now ? told.at : now;
  if (before.allowedAt && (told.sentAt ?? at) <= before.allowedAt) return undefined;
  const after = { ...before, version: before.version + 1 };
  const earlier = (since: string | undefined) => since === undefined || at < since;
  switch (told.kind) {
    case "bounced":
      if (!earlier(before.bounced?.since)) return undefined;
      return { ...after, bounced: { since: at, reason: told.reason } };
    case "complained":
      if (!earlier(before.complained?.since)) return undefined;
      return { ...after, complained: { since: at } };
    case "returned": {
      if (before.returned.some(({ id }) => id === told.id)) return undefined;
      const all = [...before.returned, { id: told.id, at, reason: told.reason }];
      const inOrder = all.sort((a, b) => (a.at === b.at ? a.id.localeCompare(b.id) : a.at < b.at ? -1 : 1));
      return { ...after, returned: inOrder.slice(-keptReturned) };
    }
  }
}

/** What keeps mail from a person, the worst first; undefined where nothing does. */
export function troubleOf(mailbox: Mailbox | undefined, now: Date): MailTrouble | undefined {
  if (!mailbox) return undefined;
  const personId = mailbox.personId as Id<"person">;
  const { bounced, complained } = mailbox;
  if (bounced)
    return { personId, kind: "bounced", stopped: true, since: bounced.since, because: words[bounced.reason] };
  const often = returnedOften(mailbox);
  if (often) return { personId, kind: "returned", stopped: true, ...often };
  if (complained) return { personId, kind: "complained", stopped: true, since: complained.since, because: words.spam };
  const last = mailbox.returned.at(-1);
  if (!last || now.getTime() - Date.parse(last.at) > returnedWithinMs) return undefined;
  return { personId, kind: "returned", stopped: false, since: last.at, because: words[last.reason] };
}

/** As many as stop the mail, within the time that makes them many: since the first of them. */
function returnedOften({ returned }: Mailbox): Pick<MailTrouble, "since" | "because"> | undefined {
  for (let at = mostReturned - 1; at < returned.length; at++) {
    const [first, last] = [returned[at - mostReturned + 1]!, returned[at]!];
    if (Date.parse(last.at) - Date.parse(first.at) <= returnedWithinMs)
      return {
        since: first.at,
        because: `${mostReturned} mails came back, the last one because ${words[last.reason]}`,
      };
  }
  return undefined;
}

const words: Record<FeedbackReason, string> = {
  gone: "the mailbox does not exist or takes no mail from us",
  suppressed: "the mail service has it on its list of addresses that refuse mail",
  full: "the mailbox is full",
  other: "the mail server did not take it",
  spam: "its holder reported one of our mails as spam",
};
