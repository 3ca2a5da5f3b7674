import { zodResolver } from "@hookform/resolvers/zod";
import { answerTo, type channelKinds, type Question, SubmitApplication } from "@laurel/contract";
import type { Resolver } from "react-hook-form";
import { parseFollowers } from "../../format/followers.ts";

/** The form as people fill it in: text everywhere, three ticks for three documents. */
export interface ApplyForm {
  name: string;
  email: string;
  country: string;
  channels: { kind: (typeof channelKinds)[number]; handle: string; url: string; followers: string }[];
  niche: string;
  why: string;
  /** To the program's own questions, by their ids. */
  answers: Record<string, string>;
  ageConfirmed: boolean;
  guidelines: boolean;
  terms: boolean;
  privacy: boolean;
  marketingConsent: boolean;
}

export interface DocumentVersions {
  guidelines: string;
  terms: string;
  privacy: string;
}

export const emptyChannel: ApplyForm["channels"][number] = { kind: "instagram", handle: "", url: "", followers: "" };

export const emptyForm: ApplyForm = {
  name: "",
  email: "",
  country: "",
  channels: [emptyChannel],
  niche: "",
  why: "",
  answers: {},
  ageConfirmed: false,
  guidelines: false,
  terms: false,
  privacy: false,
  marketingConsent: false,
};

/** An answer as it is sent and judged. */
const answerOf = (form: ApplyForm, question: Question): string => {
  const text = form.answers[question.id]?.trim() ?? "";
  return question.kind === "link" && text !== "" ? withScheme(text) : text;
};

/**
 * What the API is sent. Empty optional fields are left out; a document that was not accepted has no version.
 * @param questions those that are asked now; an answer to one that is gone stays here
 */
export function bodyOf(form: ApplyForm, versions: DocumentVersions, questions: readonly Question[]) {
  return {
    name: form.name,
    email: form.email,
    country: form.country,
    channels: form.channels.map(({ kind, handle, url, followers }) => ({
      kind,
      ...(handle.trim() === "" ? {} : { handle }),
      ...(url.trim() === "" ? {} : { url: withScheme(url) }),
      followers: parseFollowers(followers),
    })),
    niche: form.niche,
    why: form.why,
    ageConfirmed: form.ageConfirmed,
    guidelinesVersion: form.guidelines ? versions.guidelines : "",
    termsVersion: form.terms ? versions.terms : "",
    privacyVersion: form.privacy ? versions.privacy : "",
    marketingConsent: form.marketingConsent,
    answers: Object.fromEntries(
      questions.flatMap((question) => {
        const answer = answerOf(form, question);
        return answer === "" ? [] : [[question.id, answer]];
      }),
    ),
  };
}

/** People write example.com/me; the contract wants the whole address. */
const withScheme = (url: string) => (/^[a-z][a-z0-9+.-]*:/i.test(url.trim()) ? url.trim() : `https://${url.trim()}`);

const ownNames: Record<string, string> = {
  guidelinesVersion: "guidelines",
  termsVersion: "terms",
  privacyVersion: "privacy",
};

/** A field of the request as the form names it. */
export const formField = (field: string): string => ownNames[field] ?? field;

/** Checks the form by the API's own schema, so that both say the same. */
export const resolverFor =
  (versions: DocumentVersions, questions: readonly Question[]): Resolver<ApplyForm> =>
  async (values, context, options) => {
    // biome-ignore lint/suspicious/noExplicitAny: the request and the form differ in shape on purpose; errors are renamed below
    const checked = await (zodResolver(SubmitApplication) as any)(bodyOf(values, versions, questions), context, {
      ...options,
      fields: {},
    });
    const answers = questions.flatMap((question) => {
      const { wrong } = answerTo(question, answerOf(values, question));
      return wrong === undefined ? [] : [[question.id, { type: "answer", message: wrong }]];
    });
    const errors = Object.fromEntries([
      ...Object.entries(checked.errors).map(([field, error]) => [formField(field), error]),
      ...(answers.length > 0 ? [["answers", Object.fromEntries(answers)]] : []),
    ]);
    return Object.keys(errors).length > 0 ? { values: {}, errors: errors as never } : { values, errors: {} };
  };
