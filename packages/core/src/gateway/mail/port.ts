export interface OutgoingMail {
  to: string;
  fromName: string;
  replyTo: string | null;
  subject: string;
  html: string;
  text: string;
}

export interface MailGateway {
  /** @throws AppError unavailable when the mail service did not take the mail; it may be tried again. */
  send(mail: OutgoingMail): Promise<{ messageId: string }>;
  /**
   * Takes an address from the list of those to which the mail service itself sends nothing any more. Nothing happens
   * where it is not on it.
   * @throws AppError unavailable
   */
  allow(address: string): Promise<void>;
  /** What the mail service says of itself and of our sender. @throws AppError unavailable */
  state(): Promise<MailState>;
}

/** `local`: an inbox on this machine, which takes everything from everybody. */
export type MailState =
  | { kind: "local" }
  | {
      kind: "ses";
      /** Whether mail may go to anybody; in the sandbox it goes to verified addresses alone. */
      production: boolean;
      /** What became of the request to leave the sandbox: pending, failed, granted, denied; undefined where there was none. */
      review: string | undefined;
      /** False while the service has stopped all sending of the account. */
      sending: boolean;
      /** Where the service is, for links to its console. */
      region: string;
      /** The sender's domain or address, and whether mail may be sent from it. */
      sender: { identity: string; verified: boolean; dkim: boolean };
    };
