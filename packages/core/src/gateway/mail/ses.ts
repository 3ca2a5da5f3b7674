import type { GetEmailIdentityCommandOutput, SESv2Client, SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { AppError } from "../../kernel/errors.ts";
import { headerText, mailbox, plainAddress } from "./address.ts";
import type { MailGateway, MailState, OutgoingMail } from "./port.ts";

export interface MailConfig {
  /** The sender's plain address, verified at SES. */
  from: string;
  /** The configuration set whose events tell of bounces and complaints; none on a machine of one's own. */
  configurationSet?: string | undefined;
  /** Only for a service that is not AWS's own; loopback or a test. */
  endpoint?: string | undefined;
  region?: string | undefined;
}

/** Mail through Amazon SES. The SDK is loaded with the first call, so that functions which make none do not pay for it. */
export function createMailGateway(config: MailConfig): MailGateway {
  const from = plainAddress(config.from);
  if (!from) throw new Error("The sender of mail (MAIL_FROM) must be one plain address such as hello@example.com");
  let opening: ReturnType<typeof connect> | undefined;
  const ses = () => {
    opening ??= connect(config);
    return opening;
  };

  return {
    async send(mail) {
      const input = { ...toSes(from, mail), ConfigurationSetName: config.configurationSet };
      try {
        const { client, sdk } = await ses();
        const { MessageId } = await client.send(new sdk.SendEmailCommand(input));
        return { messageId: MessageId ?? "" };
      } catch (error) {
        throw asAppError(error);
      }
    },

    async allow(address) {
      const EmailAddress = plainAddress(address);
      if (!EmailAddress) return;
      try {
        const { client, sdk } = await ses();
        await client.send(new sdk.DeleteSuppressedDestinationCommand({ EmailAddress }));
      } catch (error) {
        if (isMissing(error)) return;
        throw notAsked(error);
      }
    },

    async state() {
      try {
        const { client, sdk } = await ses();
        const account = await client.send(new sdk.GetAccountCommand({}));
        const identityOf = (EmailIdentity: string) => client.send(new sdk.GetEmailIdentityCommand({ EmailIdentity }));
        const sender = await found(identityOf, [from.split("@")[1]!, from]);
        return { ...stateOf(from, account, sender), region: await client.config.region() };
      } catch (error) {
        // An inbox on this machine knows no accounts.
        if (config.endpoint && [400, 404].includes(statusOf(error) ?? 0)) return { kind: "local" };
        throw notAsked(error);
      }
    },
  };
}

async function connect({ endpoint, region }: MailConfig) {
  const sdk = await import("@aws-sdk/client-sesv2");
  const client: SESv2Client = new sdk.SESv2Client({
    ...(endpoint
      ? { endpoint, region: region ?? "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } }
      : region
        ? { region }
        : {}),
    // A lost answer may have been a mail that went out: few tries here, the effect's own are minutes apart.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  return { client, sdk };
}

type Identity = Pick<GetEmailIdentityCommandOutput, "VerifiedForSendingStatus" | "DkimAttributes">;

/** The first of the names that is verified, else the first that there is: an address may be verified without its domain. */
async function found(
  ask: (name: string) => Promise<Identity>,
  names: readonly string[],
): Promise<{ name: string; identity: Identity } | undefined> {
  let first: { name: string; identity: Identity } | undefined;
  for (const name of names) {
    try {
      const identity = await ask(name);
      if (identity.VerifiedForSendingStatus) return { name, identity };
      first ??= { name, identity };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return first;
}

function stateOf(
  from: string,
  account: {
    ProductionAccessEnabled?: boolean;
    SendingEnabled?: boolean;
    Details?: { ReviewDetails?: { Status?: string } };
  },
  sender: { name: string; identity: Identity } | undefined,
): Omit<Extract<MailState, { kind: "ses" }>, "region"> {
  return {
    kind: "ses",
    production: account.ProductionAccessEnabled === true,
    review: account.Details?.ReviewDetails?.Status?.toLowerCase(),
    sending: account.SendingEnabled !== false,
    sender: {
      identity: sender?.name ?? from.split("@")[1]!,
      verified: sender?.identity.VerifiedForSendingStatus === true,
      dkim: sender?.identity.DkimAttributes?.Status === "SUCCESS",
    },
  };
}

const statusOf = (error: unknown) =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
const isMissing = (error: unknown): boolean => statusOf(error) === 404;

/** A question that had no answer changes nothing, so whatever the reason is, it can be asked again. */
function notAsked(error: unknown): AppError {
  const { name = "Error" } = error as Partial<Error>;
  const denied = statusOf(error) === 403 ? " It says that this function may not ask it." : "";
  return new AppError("unavailable", "mail.unavailable", `The mail service could not be asked (${name}).${denied}`, {
    cause: { name, status: statusOf(error) },
    retryAfterMs: 5000,
  });
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
