import { zodResolver } from "@hookform/resolvers/zod";
import { PatchProgram, type Program, type QuestionKind, type RankedSignal } from "@laurel/contract";
import type { Resolver } from "react-hook-form";

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
  rules: { precedence: RankedSignal[]; clickWindowDays: string };
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
  rules: { precedence: program.rules.precedence, clickWindowDays: String(program.rules.clickWindowDays) },
});

const whole = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : undefined);
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
  rules: { precedence: form.rules.precedence, clickWindowDays: whole(form.rules.clickWindowDays) },
});

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Only what differs from the program as it was read, with the version that was read. */
export function patchOf(program: Program, form: ProgramForm): Record<string, unknown> {
  const before = settingsOf(formOf(program)) as Record<string, unknown>;
  const changes = Object.entries(settingsOf(form)).filter(([name, value]) => !same(before[name], value));
  return { version: program.version, ...Object.fromEntries(changes) };
}

export const resolverFor =
  (program: Program): Resolver<ProgramForm> =>
  async (values, context, options) => {
    // biome-ignore lint/suspicious/noExplicitAny: the request and the form differ in shape on purpose
    const checked = await (zodResolver(PatchProgram) as any)(patchOf(program, values), context, {
      ...options,
      fields: {},
    });
    const errors: Record<string, unknown> = { ...checked.errors };
    // An absent number is “no change” to the API, but here it is a field that somebody emptied.
    if (whole(values.holdDays) === undefined)
      errors.holdDays = { type: "number", message: "is a whole number from 0 to 365" };
    if (whole(values.rules.clickWindowDays) === undefined)
      errors.rules = {
        ...(errors.rules as object),
        clickWindowDays: { type: "number", message: "is a whole number from 1 to 365" },
      };
    return Object.keys(errors).length > 0 ? { values: {}, errors: errors as never } : { values, errors: {} };
  };
