/**
 * What Amazon SES tells of a mail after it was sent, in the domain's words. Both of its ways are understood: event
 * publishing (`eventType`) and notifications of an identity (`notificationType`), which differ in nothing else that
 * counts here (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html).
 */

/** Why a mail did not reach its mailbox, or was not wanted there. */
export const feedbackReasons = ["gone", "suppressed", "full", "other", "spam"] as const;
export type FeedbackReason = (typeof feedbackReasons)[number];

export interface MailFeedback {
  /** The service's own id of it: the same however often and by whichever way it is told. */
  id: string;
  kind: "bounced" | "returned" | "complained";
  reason: FeedbackReason;
  address: string;
  /** When the service learned of it, and when the mail was sent; ISO 8601, undefined where it does not say. */
  at: string | undefined;
  sentAt: string | undefined;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectsOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const instantOf = (value: unknown): string | undefined =>
  typeof value === "string" && Number.isFinite(Date.parse(value)) ? new Date(value).toISOString() : undefined;

/**
 * Reads a notification's message. Empty for what does not concern an address: deliveries, SES's own tests of the topic,
 * automatic answers, and whatever it may tell one day.
 */
export function readFeedback(message: string): MailFeedback[] {
  const told = parse(message);
  if (!isObject(told)) return [];
  const mail = isObject(told.mail) ? told.mail : {};
  const type = told.eventType ?? told.notificationType;
  if (type === "Bounce" && isObject(told.bounce)) return bouncesOf(told.bounce, mail);
  if (type === "Complaint" && isObject(told.complaint)) return complaintsOf(told.complaint, mail);
  return [];
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // "Successfully validated SNS topic for Amazon SES event publishing."
    return undefined;
  }
}

const common = (part: Json, mail: Json, word: string) => ({
  id:
    typeof part.feedbackId === "string" && part.feedbackId !== ""
      ? part.feedbackId.slice(0, 200)
      : [word, mail.messageId, part.timestamp].map(String).join(" ").slice(0, 200),
  at: instantOf(part.timestamp),
  sentAt: instantOf(mail.timestamp),
});

function bouncesOf(bounce: Json, mail: Json): MailFeedback[] {
  const subType = String(bounce.bounceSubType ?? "");
  const recipients = objectsOf(bounce.bouncedRecipients).flatMap((each) => {
    const address = addressOf(each.emailAddress);
    return address ? [{ address, failed: each.action === "failed" }] : [];
  });
  const told = common(bounce, mail, "bounce");
  if (bounce.bounceType === "Permanent") {
    const reason = /suppress/i.test(subType) ? "suppressed" : "gone";
    return recipients.map(({ address }) => ({ ...told, kind: "bounced", reason, address }));
  }
  // What is too large or has the wrong content says something about the mail and nothing about the mailbox.
  if (/TooLarge|ContentRejected|AttachmentRejected/.test(subType)) return [];
  const reason = subType === "MailboxFull" ? "full" : "other";
  return (
    recipients
      // An out-of-office answer comes as a passing bounce too, and without the mail server's own verdict.
      .filter(({ failed }) => failed || reason === "full" || bounce.bounceType === "Undetermined")
      .map(({ address }) => ({ ...told, kind: "returned", reason, address }))
  );
}

function complaintsOf(complaint: Json, mail: Json): MailFeedback[] {
  // Somebody has taken the mail out of the spam folder.
  if (complaint.complaintFeedbackType === "not-spam") return [];
  return objectsOf(complaint.complainedRecipients).flatMap((each) => {
    const address = addressOf(each.emailAddress);
    return address ? [{ ...common(complaint, mail, "complaint"), kind: "complained", reason: "spam", address }] : [];
  });
}

/** `ada@example.com`, `Ada <ada@example.com>` */
function addressOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > 1000) return undefined;
  const address = (/<([^<>]+)>\s*$/.exec(value)?.[1] ?? value).trim();
  return address.includes("@") && address.length <= 320 ? address : undefined;
}
