import type { ApplicationStatus } from "@laurel/contract";

/** Whatever ends a line, hides text or turns its direction around; a value in a mail is always one line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;
export const oneLine = (text: string): string => text.toWellFormed().replace(unsafe, " ").replace(/ {2,}/g, " ").trim();

/**
 * How a mail begins. Anybody can type any name beside anybody's address, so a name that looks like an advertisement (an
 * address of a site or of mail, or too long for a name) is not passed on to a stranger's inbox.
 */
export function greeting(name: string): string {
  const plain = oneLine(name);
  const suspicious = plain.length > 60 || /[/@\\<>{}[\]=|]|:\/?|www|\S\.\p{L}{2,}|\d{4,}|[$€£]/iu.test(plain);
  return plain && !suspicious ? `Hello ${plain},` : "Hello,";
}

/** Where an application stands, as its applicant reads it. */
export const stages: Record<ApplicationStatus, { title: string; text: string }> = {
  submitted: {
    title: "Waiting for you to confirm it",
    text: "Please confirm that it was you. Then it goes to our team.",
  },
  confirmed: { title: "With our team", text: "We write to you once it is decided. There is nothing you need to do." },
  waitlisted: {
    title: "On the waiting list",
    text: "We have read it and kept it, and write to you once we decide. There is nothing you need to do.",
  },
  approved: {
    title: "Approved",
    text: "You are an ambassador already. Sign in with this mail address to see your code.",
  },
  declined: {
    title: "Declined",
    text: "Its page tells you why, and whether and when you may apply again.",
  },
  withdrawn: {
    title: "Withdrawn",
    text: "You have taken it back. If you have changed your mind, you are welcome to apply again.",
  },
};
