import type { SESv2Client, SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { AppError } from "../../kernel/errors.ts";
import { headerText, mailbox, plainAddress } from "./address.ts";
import type { MailGateway, OutgoingMail } from "./port.ts";

export interface MailConfig {
  /** The sender's plain address, verified at SES. */
  from: string;
  /** Only for a service that is not AWS's own; loopback or a test. */
  endpoint?: string | undefined;
  region?: string | undefined;
}

/** Mail through Amazon SES. The SDK is loaded with the first mail, so that functions which send none do not pay for it. */
export function createMailGateway(config: MailConfig): MailGateway {
  const from = plainAddress(config.from);
  if (!from) throw new Error("The sender of mail (MAIL_FROM) must be one plain address such as hello@example.com");
  let sending: ReturnType<typeof connect> | undefined;

  return {
    async send(mail) {
      const input = toSes(from, mail);
      try {
        sending ??= connect(config);
        const send = await sending;
        const { MessageId } = await send(input);
        return { messageId: MessageId ?? "" };
      } catch (error) {
        throw asAppError(error);
      }
    },
  };
}

async function connect({ endpoint, region }: MailConfig) {
  const { SendEmailCommand, SESv2Client } = await import("@aws-sdk/client-sesv2");
  const client: SESv2Client = new SESv2Client({
    ...(endpoint
      ? { endpoint, region: region ?? "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } }
      : region
        ? { region }
        : {}),
    // A lost answer may have been a mail that went out: few tries here, the effect's own are minutes apart.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 10_000 },
  });
  return (input: SendEmailCommandInput) => client.send(new SendEmailCommand(input));
}

function toSes(from: string, mail: OutgoingMail): SendEmailCommandInput {
  const to = plainAddress(mail.to);
  const replyTo = mail.replyTo === null ? null : plainAddress(mail.replyTo);
  if (!to)
    throw new AppError("rejected", "mail.bad_address", "This is not an address that mail can be sent to. Check it.");
  if (replyTo === undefined)
    throw new AppError(
      "rejected",
      "mail.bad_reply_to",
      "The program's reply-to address is not one that mail can be sent to. Check the settings.",
    );
  const utf8 = (data: string) => ({ Data: data, Charset: "UTF-8" });
  return {
    FromEmailAddress: mailbox(mail.fromName, from),
    Destination: { ToAddresses: [to] },
    ...(replyTo ? { ReplyToAddresses: [replyTo] } : {}),
    Content: {
      Simple: { Subject: utf8(headerText(mail.subject)), Body: { Html: utf8(mail.html), Text: utf8(mail.text) } },
    },
  };
}

/** Refusals that have nothing to do with this mail: somebody can lift them, so the mail is worth another try. */
const curable = new Set([
  "AccountSuspendedException",
  "LimitExceededException",
  "MailFromDomainNotVerifiedException",
  "NotFoundException",
  "SendingPausedException",
  "TooManyRequestsException",
]);

/** SES repeats addresses in its messages; ours end up in logs and on screens, so they go. */
const withoutAddresses = (text: string): string =>
  headerText(text)
    .replace(/\S+@\S+/g, "an address")
    .slice(0, 300);

function asAppError(error: unknown): AppError {
  const {
    name = "Error",
    message = "",
    $metadata,
  } = error as Partial<Error> & { $metadata?: { httpStatusCode?: number; requestId?: string } };
  const status = $metadata?.httpStatusCode;
  const cause = { name, status, requestId: $metadata?.requestId };
  if (status === 400 && !curable.has(name))
    return new AppError(
      "rejected",
      "mail.refused",
      `The mail service refused this mail: ${withoutAddresses(message) || name}`,
      { cause },
    );
  return new AppError(
    "unavailable",
    "mail.unavailable",
    `The mail service did not take the mail (${name}). It can be tried again.`,
    {
      cause,
      retryAfterMs: 60_000,
    },
  );
}
