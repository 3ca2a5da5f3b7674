import type { MailGateway, MailState, OutgoingMail } from "../../core/src/gateway/mail/index.ts";

/** A mail service in memory, behind the gateway's port. */
export interface RecordingMail extends MailGateway {
  /** What was sent, oldest first. */
  mails: OutgoingMail[];
  /** The addresses that were taken from its own list, oldest first. */
  allowed: string[];
  /** What it says of itself from now on. */
  says(state: MailState): void;
  /** The next question has this failure for an answer. */
  failNext(error: Error): void;
}

export function recordingMail(): RecordingMail {
  const mails: OutgoingMail[] = [];
  const allowed: string[] = [];
  const failures: Error[] = [];
  let told: MailState = { kind: "local" };
  const ask = <T>(answer: () => T): Promise<T> => {
    const failure = failures.shift();
    return failure ? Promise.reject(failure) : Promise.resolve(answer());
  };
  return {
    mails,
    allowed,
    says: (state) => {
      told = state;
    },
    failNext: (error) => void failures.push(error),
    send: (mail) =>
      ask(() => {
        mails.push(mail);
        return { messageId: `mail-${mails.length}` };
      }),
    allow: (address) => ask(() => void allowed.push(address)),
    state: () => ask(() => told),
  };
}
