export type { Brand, MailData, MailName, RenderedMail } from "./mail.ts";
export { render } from "./render.ts";
