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
}
