import { maxQuestions, type QuestionKind, questionKinds } from "@laurel/contract";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useRef } from "react";
import { type FieldPath, type UseFormReturn, useFieldArray, useWatch } from "react-hook-form";
import { questionWords } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Check } from "../../ui/check.tsx";
import { ErrorText, Field } from "../../ui/field.tsx";
import { announce } from "../../ui/toast.tsx";
import { emptyQuestion, type ProgramForm } from "./form.ts";

type Say = (name: FieldPath<ProgramForm>, subject: string) => string | undefined;

/** The program's own questions: added, reworded, put in order and removed. */
export function Questions({ form, say }: { form: UseFormReturn<ProgramForm>; say: Say }) {
  const { fields, append, remove, move } = useFieldArray({ control: form.control, name: "questions", keyName: "key" });
  const list = useRef<HTMLOListElement>(null);
  const add = useRef<HTMLButtonElement>(null);

  const shift = (from: number, by: 1 | -1) => {
    move(from, from + by);
    announce(`Question ${from + 1} is now number ${from + by + 1}.`);
    // The button pressed may have become useless at the end of the list; focus stays with what was moved.
    requestAnimationFrame(() => {
      const row = list.current?.children[from + by];
      (
        row?.querySelector<HTMLButtonElement>(`[data-by="${by}"]:not(:disabled)`) ??
        row?.querySelector<HTMLButtonElement>("[data-by]:not(:disabled)")
      )?.focus();
    });
  };

  const drop = (index: number) => {
    remove(index);
    announce(`Question ${index + 1} removed.`);
    requestAnimationFrame(() => {
      const next = list.current?.children[Math.max(0, index - 1)];
      (next?.querySelector<HTMLElement>("input") ?? add.current)?.focus();
    });
  };

  return (
    <>
      <p className="mb-5 text-[0.9375rem] text-soft">
        Applicants answer them beside what every application has. Each application keeps the questions as they were
        asked, whatever you change later.
      </p>
      {/* A message of the list as a whole; those of single questions stand with them. */}
      <ErrorText>{say("questions", "The list")}</ErrorText>
      {fields.length > 0 && (
        <ol ref={list} className="mb-4 space-y-4">
          {fields.map((field, index) => (
            <li key={field.key} className="rounded-lg border border-line p-4">
              <fieldset aria-labelledby={`question-${index}`}>
                <div className="mb-3 flex min-h-9 items-center gap-1">
                  <span id={`question-${index}`} className="eyebrow flex-1">
                    Question {index + 1}
                  </span>
                  <Button
                    look="quiet"
                    className="px-2.5"
                    data-by="-1"
                    aria-label={`Move question ${index + 1} up`}
                    disabled={index === 0}
                    onClick={() => shift(index, -1)}
                  >
                    <ArrowUp aria-hidden className="size-4" />
                  </Button>
                  <Button
                    look="quiet"
                    className="px-2.5"
                    data-by="1"
                    aria-label={`Move question ${index + 1} down`}
                    disabled={index === fields.length - 1}
                    onClick={() => shift(index, 1)}
                  >
                    <ArrowDown aria-hidden className="size-4" />
                  </Button>
                  <Button
                    look="quiet"
                    className="px-2.5"
                    aria-label={`Remove question ${index + 1}`}
                    onClick={() => drop(index)}
                  >
                    <Trash2 aria-hidden className="size-4" />
                  </Button>
                </div>
                <OneQuestion form={form} index={index} say={say} />
              </fieldset>
            </li>
          ))}
        </ol>
      )}
      {fields.length < maxQuestions ? (
        <Button
          ref={add}
          look="outline"
          onClick={() => append(emptyQuestion, { focusName: `questions.${fields.length}.label` })}
        >
          <Plus aria-hidden className="size-4" />
          Add a question
        </Button>
      ) : (
        <p className="text-sm text-soft">That is as many as there can be. The fewer, the more people answer.</p>
      )}
    </>
  );
}

function OneQuestion({ form, index, say }: { form: UseFormReturn<ProgramForm>; index: number; say: Say }) {
  const at = `questions.${index}` as const;
  const kind: QuestionKind = useWatch({ control: form.control, name: `${at}.kind` });
  return (
    <div className="space-y-4">
      <Field label="Question" required error={say(`${at}.label`, "The question") ?? say(`${at}.id`, "This")}>
        {(parts) => <input {...parts} {...form.register(`${at}.label`)} autoComplete="off" className="field-box" />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Kind of answer" required error={say(`${at}.kind`, "The kind of answer")}>
          {(parts) => (
            <select {...parts} {...form.register(`${at}.kind`)} className="field-box">
              {questionKinds.map((each) => (
                <option key={each} value={each}>
                  {questionWords[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Help" error={say(`${at}.help`, "The help")}>
          {(parts) => <input {...parts} {...form.register(`${at}.help`)} autoComplete="off" className="field-box" />}
        </Field>
      </div>
      {kind === "choice" && (
        <Field label="Choices" required hint="One a line, 2 to 20." error={say(`${at}.options`, "The list of choices")}>
          {(parts) => <textarea {...parts} {...form.register(`${at}.options`)} rows={4} className="field-box" />}
        </Field>
      )}
      <Check {...form.register(`${at}.required`)} label="Applicants have to answer it." />
    </div>
  );
}
