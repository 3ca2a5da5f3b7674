import { zodResolver } from "@hookform/resolvers/zod";
import { PatchProgram, type Program, type QuestionKind } from "@laurel/contract";
import type { Resolver } from "react-hook-form";
import { decimalOf, exponentOf, minorOf } from "../../format/money.ts";
import type { Wanted } from "./changes.ts";
import { wholeOf } from "./rules-draft.ts";

/** The settings as text to edit. */
export interface ProgramForm {
  name: string;
  voice: string;
  timeZone: string;
  holdDays: string;
  shopUrl: string;
  senderName: string;
  replyTo: string;
  /** One a line. */
  niches: string;
  questions: QuestionForm[];
  guidelines: { version: string; url: string };
  terms: { version: string; url: string };
  privacy: { version: string; url: string };
  claimDays: string;
  approveAbove: LimitForm[];
}

/** Up to which amount of a currency one person may correct alone. */
export interface LimitForm {
  currency: string;
  /** In the currency's own unit, as people write it. */
  amount: string;
}

export interface QuestionForm {
  /** Empty of a new one. */
  id: string;
  kind: QuestionKind;
  label: string;
  help: string;
  required: boolean;
  /** Of a choice; one a line. */
  options: string;
}

export const emptyQuestion: QuestionForm = {
  id: "",
  kind: "short",
  label: "",
  help: "",
  required: false,
  options: "",
};

export const formOf = (program: Program): ProgramForm => ({
  name: program.name,
  voice: program.voice,
  timeZone: program.timeZone,
  holdDays: String(program.holdDays),
  shopUrl: program.shopUrl,
  senderName: program.senderName,
  replyTo: program.replyTo ?? "",
  niches: program.niches.join("\n"),
  questions: program.questions.map(({ id, kind, label, help, required, options }) => ({
    id,
    kind,
    label,
    help: help ?? "",
    required,
    options: (options ?? []).join("\n"),
  })),
  guidelines: { ...program.guidelines },
  terms: { ...program.terms },
  privacy: { ...program.privacy },
  claimDays: String(program.claimDays),
  approveAbove: program.approveAbove.map(({ currency, amountMinor }) => ({
    currency,
    amount: decimalOf(amountMinor, exponentOf(currency)),
  })),
});

const whole = (text: string): number | undefined => {
  const number = wholeOf(text);
  return Number.isNaN(number) ? undefined : number;
};
const lines = (text: string) => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

/** All settings in the API's shape. A number that is none is undefined, which the schema refuses below. */
const settingsOf = (form: ProgramForm) => ({
  name: form.name.trim(),
  voice: form.voice.trim(),
  timeZone: form.timeZone,
  holdDays: whole(form.holdDays),
  shopUrl: form.shopUrl.trim(),
  senderName: form.senderName.trim(),
  replyTo: form.replyTo.trim() === "" ? null : form.replyTo.trim(),
  niches: lines(form.niches),
  questions: form.questions.map(({ id, kind, label, help, required, options }) => ({
    ...(id ? { id } : {}),
    kind,
    label: label.trim(),
    ...(help.trim() ? { help: help.trim() } : {}),
    required,
    ...(kind === "choice" ? { options: lines(options) } : {}),
  })),
  guidelines: { version: form.guidelines.version.trim(), url: form.guidelines.url.trim() },
  terms: { version: form.terms.version.trim(), url: form.terms.url.trim() },
  privacy: { version: form.privacy.version.trim(), url: form.privacy.url.trim() },
  claimDays: whole(form.claimDays),
  approveAbove: form.approveAbove.map(({ currency, amount }) => ({ currency, amountMinor: minorOf(amount, currency) })),
});

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Only what differs from the program as it was read. */
export function wantedOf(program: Program, form: ProgramForm): Wanted {
  const before = settingsOf(formOf(program)) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(settingsOf(form)).filter(([name, value]) => !same(before[name], value)));
}

/** The field of the form that a field of the API stands for. */
export const formFieldOf = (field: string): string => field.replace(/^(approveAbove\.\d+)\.amountMinor$/, "$1.amount");

export const resolverFor =
  (program: Program): Resolver<ProgramForm> =>
  async (values, context, options) => {
    const wanted = { ...wantedOf(program, values) };
    const errors: Record<string, unknown> = {};
    // An absent number is “no change” to the API, but here it is a field that somebody emptied.
    if (whole(values.holdDays) === undefined) errors.holdDays = wrong("is a whole number from 0 to 365");
    if (whole(values.claimDays) === undefined) errors.claimDays = wrong("is a whole number from 1 to 90");
    const amounts = values.approveAbove.map(({ currency, amount }) => minorOf(amount, currency));
    if (amounts.includes(undefined)) {
      errors.approveAbove = amounts.map((amount) =>
        amount === undefined ? { amount: wrong("is a number such as 100 or 99.50") } : undefined,
      );
      // What is no number yet would be told a second time, in the schema's words.
      delete wanted.approveAbove;
    }
    const checked = await (zodResolver(PatchProgram) as unknown as Resolver)(
      { version: program.version, ...wanted },
      context,
      { ...options, fields: {} } as never,
    );
    const all = { ...checked.errors, ...errors };
    return Object.keys(all).length > 0 ? { values: {}, errors: all as never } : { values, errors: {} };
  };

const wrong = (message: string) => ({ type: "value", message });
