export { type MailFeedback, readFeedback } from "./feedback.ts";
export type { MailGateway, MailState, OutgoingMail } from "./port.ts";
export { createMailGateway, type MailConfig } from "./ses.ts";
