import type { SetupStep, SetupStepName } from "@laurel/contract";
import type { MailState } from "../gateway/mail/port.ts";

/** What the steps depend on. */
export interface Situation {
  connected: boolean;
  /** Whether anything has come from a checkout that is connected. */
  eventSeen: boolean;
  /** undefined with the reason where the mail service could not be asked. */
  mail: MailState | { kind: "unknown"; why: string };
  /** Whether somebody has looked through the settings and saved them. */
  settingsSaved: boolean;
  /** Whether anybody has ever applied. */
  applied: boolean;
}

type Known = { done: boolean; waiting?: boolean; about?: string; href?: string };

/** The steps that make sense here, each with its state: the first that is neither done nor with somebody else comes next. */
export function stepsOf(situation: Situation): SetupStep[] {
  const { mail } = situation;
  const known: Partial<Record<SetupStepName, Known>> = {
    sign_in: { done: true },
    connect: { done: situation.connected },
    ...(mail.kind === "local" ? {} : { sender: senderOf(mail), sandbox: sandboxOf(mail) }),
    brand: { done: situation.settingsSaved || situation.applied },
    share: { done: situation.applied },
    first_event: { done: situation.eventSeen },
  };
  let next = false;
  return Object.entries(known).map(([step, { done, waiting, about, href }]) => {
    const state = done ? "done" : waiting ? "waiting" : next ? "later" : "next";
    next ||= state === "next";
    return { step: step as SetupStepName, state, about: (!done && about) || null, href: (!done && href) || null };
  });
}

const consoleOf = (region: string, place: string): string =>
  `https://${region}.console.aws.amazon.com/ses/home?region=${region}#/${place}`;

function senderOf(mail: Exclude<Situation["mail"], { kind: "local" }>): Known {
  if (mail.kind === "unknown") return { done: false, about: mail.why };
  const { identity, verified } = mail.sender;
  return {
    done: verified && mail.sending,
    about: verified
      ? "Amazon SES has paused all sending of this account. Its console tells why."
      : identity.includes("@")
        ? `Amazon has sent a link to ${identity}: it has to be opened.`
        : `Amazon SES does not see the records of ${identity} yet.`,
    href: verified ? consoleOf(mail.region, "account") : consoleOf(mail.region, `identities/${identity}`),
  };
}

function sandboxOf(mail: Exclude<Situation["mail"], { kind: "local" }>): Known {
  if (mail.kind === "unknown") return { done: false, about: mail.why };
  const pending = mail.review === "pending";
  const refused = mail.review === "denied" || mail.review === "failed";
  return {
    done: mail.production,
    waiting: pending,
    about: pending
      ? "Amazon is looking at the request; that takes about a day."
      : refused
        ? "Amazon has turned the request down. Its support case tells why, and takes your answer."
        : "Until then mail reaches verified addresses alone, and at most 200 a day.",
    href: consoleOf(mail.region, "account"),
  };
}
