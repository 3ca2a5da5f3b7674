import { until } from "./program.ts";

export interface Mail {
  messageId: string;
  from: string;
  destination: { to: string[] };
  subject: string;
  body: { html: string; text: string };
}

/** The mail inbox of a running program, as somebody with a mail client reads it: each mail once, oldest first. */
export interface MailInbox {
  /** Waits for the next unread mail to an address. */
  mailTo(address: string, subject?: RegExp): Promise<Mail>;
  /** What is there and was not read yet. */
  unreadTo(address: string): Promise<Mail[]>;
}

export function openInbox(inboxUrl: string): MailInbox {
  const read = new Set<string>();
  const unreadTo = async (address: string): Promise<Mail[]> => {
    const answer = await fetch(`${inboxUrl}/store`);
    const { emails } = (await answer.json()) as { emails: Mail[] };
    return emails.filter((mail) => mail.destination.to.includes(address) && !read.has(mail.messageId));
  };
  return {
    unreadTo,
    mailTo: async (address, subject = /^/) => {
      const find = async () => (await unreadTo(address)).find((mail) => subject.test(mail.subject));
      const mail = await until(find, `a mail to ${address} with the subject ${subject}`, { patienceMs: 20_000 });
      read.add(mail.messageId);
      return mail;
    },
  };
}

/** The address in a mail that leads to a path of the portal. */
export function linkIn(mail: Mail, path: string): string {
  const link = mail.body.text.split(/\s+/).find((word) => URL.canParse(word) && new URL(word).pathname === path);
  if (!link) throw new Error(`The mail "${mail.subject}" has no link to ${path}:\n${mail.body.text}`);
  return link;
}

/** The six digits of a sign-in mail. */
export function codeIn(mail: Mail): string {
  const code = /^\s*(\d{3}) ?(\d{3})\s*$/m.exec(mail.body.text);
  if (!code) throw new Error(`The mail "${mail.subject}" has no code:\n${mail.body.text}`);
  return code[1]! + code[2]!;
}
