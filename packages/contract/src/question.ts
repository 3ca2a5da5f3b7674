import * as z from "zod";
import { httpUrl, line, prose } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { type QuestionKind, questionKinds } from "./sets.ts";

export const maxQuestions = 10;

/** A question of the program's own that applicants are asked. */
export const Question = z
  .object({
    id: idSchema("question").meta({ description: "Stays the same however the question is reworded" }),
    kind: z.enum(questionKinds),
    label: z.string().meta({ example: "Which of our shoes do you run in?" }),
    help: z.string().optional().meta({ description: "A sentence that helps to answer" }),
    required: z.boolean(),
    options: z.array(z.string()).optional().meta({ description: "Of a choice: what can be chosen" }),
  })
  .meta({ id: "Question" });
export type Question = z.infer<typeof Question>;

const common = {
  id: idSchema("question").optional().meta({ description: "Of a question that exists; a new one gets its id from us" }),
  label: line(200),
  help: line(300).optional(),
  required: z.boolean().default(false),
};

const distinct = (texts: readonly string[]): boolean =>
  new Set(texts.map((text) => text.toLowerCase())).size === texts.length;

/** What the owner says of a question. */
export const PutQuestion = z.discriminatedUnion("kind", [
  z.strictObject({ ...common, kind: z.enum(["short", "long", "link"]) }),
  z.strictObject({
    ...common,
    kind: z.literal("choice"),
    options: z
      .array(line(100))
      .min(2, "needs at least 2 choices")
      .max(20, "has at most 20 choices")
      .refine(distinct, "names each choice once"),
  }),
]);
export type PutQuestion = z.infer<typeof PutQuestion>;

/** The whole list, in the order in which applicants see it. */
export const PutQuestions = z
  .array(PutQuestion)
  .max(maxQuestions, `has at most ${maxQuestions} questions`)
  .refine((questions) => {
    const ids = questions.flatMap(({ id }) => (id ? [id] : []));
    return new Set(ids).size === ids.length;
  }, "names each question once")
  .refine((questions) => distinct(questions.map(({ label }) => label)), "asks each question once");

/**
 * What was written, by the question's id. Which questions there are, and what fits them, is the program's to say
 * (`answerTo`).
 */
export const QuestionAnswers = z
  .record(z.string(), z.string().max(10_000, "is too long"))
  .refine((answers) => Object.keys(answers).length <= maxQuestions, `has at most ${maxQuestions} answers`)
  .meta({ example: {} });

/** An answer with its question as it was asked. */
export const QuestionAnswer = z
  .object({
    questionId: idSchema("question"),
    label: z.string(),
    kind: z.enum(questionKinds),
    answer: z.string(),
  })
  .meta({ id: "QuestionAnswer" });
export type QuestionAnswer = z.infer<typeof QuestionAnswer>;

const shapes: Record<Exclude<QuestionKind, "choice">, z.ZodType<string>> = {
  short: line(200),
  long: prose(2000),
  link: httpUrl,
};

/**
 * Reads an answer to a question; the form and the server judge alike.
 * @param given what was written; nothing, or only spaces, is no answer
 * @returns the answer, undefined where there is none and none is needed, or what is wrong, which goes on from the field's name
 */
export function answerTo(question: Question, given: string | undefined): { answer?: string; wrong?: string } {
  const text = given?.trim() ?? "";
  if (text === "") return question.required ? { wrong: "is missing" } : {};
  if (question.kind === "choice") {
    const option = question.options?.find((each) => each === text.normalize("NFC"));
    return option === undefined ? { wrong: "is not one of the choices" } : { answer: option };
  }
  const read = shapes[question.kind].safeParse(text);
  return read.success ? { answer: read.data } : { wrong: read.error.issues[0]?.message ?? "does not fit" };
}
