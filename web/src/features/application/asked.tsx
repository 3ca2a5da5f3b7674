import type { Question } from "@laurel/contract";
import type { UseFormReturn } from "react-hook-form";
import { fieldMessage } from "../../format/words.ts";
import { Field, type FieldParts } from "../../ui/field.tsx";
import type { ApplyForm } from "./form.ts";

/** One of the program's own questions. */
export function Asked({ question, form }: { question: Question; form: UseFormReturn<ApplyForm> }) {
  const wrong = form.formState.errors.answers?.[question.id];
  return (
    <Field
      label={question.label}
      hint={question.help}
      required={question.required}
      error={wrong && fieldMessage("Your answer", wrong.message ?? "is not right")}
    >
      {(parts) => <Control question={question} form={form} parts={parts} />}
    </Field>
  );
}

function Control({ question, form, parts }: { question: Question; form: UseFormReturn<ApplyForm>; parts: FieldParts }) {
  const field = { ...parts, ...form.register(`answers.${question.id}`), className: "field-box" };
  switch (question.kind) {
    case "long":
      return <textarea {...field} rows={4} className="field-box resize-y" />;
    case "choice":
      return (
        <select {...field}>
          <option value="">{question.required ? "Choose one" : "No answer"}</option>
          {question.options?.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      );
    case "link":
      return (
        <input
          {...field}
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="https://"
        />
      );
    default:
      return <input {...field} autoComplete="off" />;
  }
}
