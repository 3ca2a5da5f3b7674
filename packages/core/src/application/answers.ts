import { answerTo, type Id, type Question, type QuestionAnswer } from "@laurel/contract";
import { AppError } from "../kernel/errors.ts";

type Read = { ok: true; answers: QuestionAnswer[] } | { ok: false; error: AppError };

/**
 * Reads what an applicant answered to the program's questions, each answer with the question's words of now.
 * @param given by the question's id
 */
export function readAnswers(questions: readonly Question[], given: Readonly<Record<string, string>>): Read {
  const unknown = Object.keys(given).filter((id) => !questions.some((question) => question.id === id));
  if (unknown.length > 0)
    return {
      ok: false,
      error: new AppError(
        "invalid",
        "application.outdated_questions",
        "The questions have changed meanwhile. Reload the page, answer what is new and send your application again.",
        {
          errors: unknown.map((id) => ({
            field: `answers.${id.length > 60 ? `${id.slice(0, 59)}…` : id}`,
            message: "is not a question that is asked",
          })),
        },
      ),
    };
  const answers: QuestionAnswer[] = [];
  const wrong: { label: string; field: string; message: string }[] = [];
  for (const question of questions) {
    const read = answerTo(question, given[question.id]);
    if (read.wrong !== undefined)
      wrong.push({ label: question.label, field: `answers.${question.id}`, message: read.wrong });
    else if (read.answer !== undefined)
      answers.push({
        questionId: question.id as Id<"question">,
        label: question.label,
        kind: question.kind,
        answer: read.answer,
      });
  }
  const [first, ...more] = wrong;
  if (!first) return { ok: true, answers };
  return {
    ok: false,
    error: new AppError(
      "invalid",
      "application.answers",
      `The answer to \u201c${first.label}\u201d ${first.message}.${more.length > 0 ? ` It is one of ${wrong.length} answers that do not fit.` : ""} If you do not see it like that, reload the page: the questions may have changed.`,
      { errors: wrong.map(({ field, message }) => ({ field, message })) },
    ),
  };
}
