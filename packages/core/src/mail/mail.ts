import type { ApplicationStatus } from "@laurel/contract";

/** Who writes: the program, as its mails show it. */
export interface Brand {
  name: string;
  senderName: string;
  shopUrl: string;
  /** Where the portal is, without a trailing slash. */
  publicOrigin: string;
  replyTo: string | null;
}

/**
 * Every mail and what it needs to know. Addresses of pages are absolute; amounts, offers, rates and days are words already
 * (`€12.34`, `15% off`, `10%`, `3 December 2026`).
 */
export interface MailData {
  /** Asks the applicant to confirm the address (double opt-in). The link is good for 7 days. */
  application_confirm: { name: string; confirmUrl: string; statusUrl: string };
  /** Answers a second application of the same address. `confirmUrl` where the first still waits for its confirmation. */
  application_status: { name: string; statusUrl: string; confirmUrl: string | null; stage: ApplicationStatus };
  application_approved: { name: string; code: string; offer: string; link: string; portalUrl: string; rate: string };
  application_waitlisted: { name: string; statusUrl: string };
  /** `reapplyText` is a whole sentence, such as "You are welcome to apply again from 1 March 2027." */
  application_declined: { name: string; reasonText: string; reapplyText: string | null; statusUrl: string };
  /** The plain apology for an approval that was taken back. */
  approval_undone: { name: string; statusUrl: string };
  /** `endsText` is a whole sentence on until when the old code works. */
  code_rotated: { name: string; whyText: string; code: string; link: string; endsText: string; portalUrl: string };
  /** `code` has six digits. */
  sign_in: { name: string; url: string; code: string; minutes: number };
  you_earned: {
    name: string;
    amount: string;
    orderDay: string;
    releaseDay: string;
    code: string | null;
    portalUrl: string;
  };
  /** `reasonText` is what somebody of the team wrote. `amount` and `releaseDay` where the order is paid. */
  claim_approved: {
    name: string;
    orderNumber: string;
    reasonText: string;
    amount: string | null;
    releaseDay: string | null;
    portalUrl: string;
  };
  claim_declined: { name: string; orderNumber: string; reasonText: string; portalUrl: string };
}
export type MailName = keyof MailData;

export interface RenderedMail {
  /** One line, without control characters. */
  subject: string;
  html: string;
  text: string;
}
