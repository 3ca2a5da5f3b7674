export type { MailGateway, OutgoingMail } from "./port.ts";
export { createMailGateway, type MailConfig } from "./ses.ts";
