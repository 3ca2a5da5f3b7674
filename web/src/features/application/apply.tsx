import type { PublicProgram } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MailCheck } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Check } from "../../ui/check.tsx";
import { CountrySelect } from "../../ui/country-select.tsx";
import { Field } from "../../ui/field.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { publicProgramQuery } from "../session/session.ts";
import { Asked } from "./asked.tsx";
import { Channels } from "./channels.tsx";
import { dropDraft, loadDraft, saveDraft } from "./draft.ts";
import { type ApplyForm, bodyOf, type DocumentVersions, formField, resolverFor } from "./form.ts";

const whyMost = 2000;

const aboutQuestions = (error: unknown): boolean =>
  error instanceof ApiError && ["application.outdated_questions", "application.answers"].includes(error.code);

/** The public application. */
export function Apply() {
  const program = useQuery(publicProgramQuery);
  const [sentTo, setSentTo] = useState<string>();

  if (sentTo) return <Sent email={sentTo} />;
  return (
    <Page title="Apply to join" width="text" lead={program.data?.voice}>
      {program.isPending ? (
        <SkeletonPage label="Loading the application form" />
      ) : program.isLoadingError ? (
        <Failure error={program.error} retry={() => program.refetch()} />
      ) : (
        <Form program={program.data} onSent={setSentTo} />
      )}
    </Page>
  );
}

function Sent({ email }: { email: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = "Check your mail · Laurel";
    window.scrollTo(0, 0);
    box.current?.querySelector("h1")?.focus();
  }, []);
  return (
    <div ref={box}>
      <Page title="Check your mail" width="text">
        <Card>
          <div className="flex gap-4">
            <MailCheck aria-hidden className="mt-1 size-7 shrink-0 text-leaf" />
            <div className="space-y-3">
              <p>
                We have written to <strong>{email}</strong>. Open the link in that mail to confirm your application;
                only then do we read it.
              </p>
              <p className="text-soft">
                Nothing there after a few minutes? Look among the unwanted mail, and check the address. If an
                application of yours is already with us, the mail leads to it instead.
              </p>
            </div>
          </div>
        </Card>
      </Page>
    </div>
  );
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="space-y-5">
    <h2 className="font-serif text-2xl">{title}</h2>
    {children}
  </section>
);

function Form({ program, onSent }: { program: PublicProgram; onSent: (email: string) => void }) {
  const versions: DocumentVersions = useMemo(
    () => ({ guidelines: program.guidelines.version, terms: program.terms.version, privacy: program.privacy.version }),
    [program],
  );
  const form = useForm<ApplyForm>({
    defaultValues: useMemo(() => loadDraft(), []),
    resolver: resolverFor(versions, program.questions),
    mode: "onTouched",
    // It would go to the first field that was registered, and that is not the first one on the page.
    shouldFocusError: false,
  });
  const { errors, submitCount } = form.formState;
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (submitCount > 0) box.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [submitCount]);
  const failed = useRef<HTMLDivElement>(null);

  const client = useQueryClient();
  const send = useMutation({
    mutationFn: (values: ApplyForm) => post("/api/applications", bodyOf(values, versions, program.questions)),
    onSuccess: (_, values) => {
      dropDraft();
      onSent(values.email.trim());
    },
    onError: (error) => {
      const fields = error instanceof ApiError ? error.fields : [];
      for (const [index, { field, message }] of fields.entries())
        form.setError(formField(field) as keyof ApplyForm, { type: "server", message }, { shouldFocus: index === 0 });
      // The questions may be others by now: fetch them, so that what is missing can be answered here.
      if (aboutQuestions(error)) void client.invalidateQueries({ queryKey: publicProgramQuery.queryKey });
      if (fields.length === 0 || aboutQuestions(error)) requestAnimationFrame(() => failed.current?.focus());
    },
  });

  useEffect(() => {
    const watching = form.watch((values) => saveDraft(values as ApplyForm));
    return () => watching.unsubscribe();
  }, [form]);

  const submit = form.handleSubmit(
    (values) => !send.isPending && send.mutate(values),
    (wrong) =>
      announce(
        `${Object.keys(wrong).length === 1 ? "One field needs" : `${Object.keys(wrong).length} fields need`} another look.`,
      ),
  );
  const say = (field: Exclude<keyof ApplyForm, "answers">, subject: string) =>
    errors[field] && fieldMessage(subject, errors[field].message ?? "is not right");
  const unknown =
    send.error instanceof ApiError && (send.error.fields.length === 0 || aboutQuestions(send.error))
      ? send.error
      : undefined;

  return (
    <form ref={box} onSubmit={submit} noValidate className="space-y-10">
      <Section title="About you">
        <Field label="Name" required error={say("name", "Your name")}>
          {(parts) => <input {...parts} {...form.register("name")} autoComplete="name" className="field-box" />}
        </Field>
        <Field
          label="E-mail"
          required
          hint="We write to this address only about your application."
          error={say("email", "This")}
        >
          {(parts) => (
            <input
              {...parts}
              {...form.register("email")}
              type="email"
              autoComplete="email"
              inputMode="email"
              className="field-box"
            />
          )}
        </Field>
        <Field label="Country" required error={errors.country && "Please choose your country."}>
          {(parts) => (
            <CountrySelect
              {...parts}
              {...form.register("country")}
              autoComplete="country"
              placeholder="Choose your country"
            />
          )}
        </Field>
      </Section>

      <Channels form={form} />

      <Section title="What you stand for">
        <Niche form={form} niches={program.niches} error={say("niche", "The subject")} />
        <Field
          label={`Why ${program.name}?`}
          required
          hint="A few sentences in your own words are enough."
          error={say("why", "Your answer")}
          aside={<Counter form={form} />}
        >
          {(parts) => <textarea {...parts} {...form.register("why")} rows={6} className="field-box resize-y" />}
        </Field>
      </Section>

      {program.questions.length > 0 && (
        <Section title={program.questions.length === 1 ? "One more question" : "A few more questions"}>
          {program.questions.map((question) => (
            <Asked key={question.id} question={question} form={form} />
          ))}
        </Section>
      )}

      <Section title="Before you send it">
        <div className="space-y-4">
          <Check
            {...form.register("ageConfirmed")}
            required
            label="I am 18 years old or older."
            error={errors.ageConfirmed && "Please confirm your age. We can't work with people under 18."}
          />
          <Check
            {...form.register("guidelines")}
            required
            label={
              <>
                I have read the <DocumentLink name="guidelines" document={program.guidelines} /> and will follow them.
              </>
            }
            error={errors.guidelines && "Please read and accept the guidelines."}
          />
          <Check
            {...form.register("terms")}
            required
            label={
              <>
                I accept the <DocumentLink name="terms" document={program.terms} />.
              </>
            }
            error={errors.terms && "Please read and accept the terms."}
          />
          <Check
            {...form.register("privacy")}
            required
            label={
              <>
                I have read the <DocumentLink name="privacy notice" document={program.privacy} />.
              </>
            }
            error={errors.privacy && "Please confirm that you have read the privacy notice."}
          />
        </div>
        <div className="rounded-xl bg-sunk p-4">
          <Check
            {...form.register("marketingConsent")}
            label={
              <>
                Send me news and offers of {program.name} by mail.{" "}
                <span className="text-soft">
                  This has no influence on your application, and you can stop it at any time.
                </span>
              </>
            }
          />
        </div>
      </Section>

      <div className="space-y-4">
        {unknown && (
          <div ref={failed} tabIndex={-1} className="outline-none">
            <Failure error={unknown} />
          </div>
        )}
        <Button type="submit" busy={send.isPending} className="w-full px-7 text-base sm:w-auto">
          Send application
        </Button>
        <p className="text-sm text-soft">What you type is kept in this tab until you send it.</p>
      </div>
    </form>
  );
}

function DocumentLink({ name, document }: { name: string; document: { version: string; url: string } }) {
  return (
    <a href={document.url} target="_blank" rel="noopener" className="link">
      {name}
      <span className="sr-only"> (opens in a new tab)</span>
      <span className="ml-1 text-sm text-soft">version {document.version}</span>
    </a>
  );
}

function Counter({ form }: { form: ReturnType<typeof useForm<ApplyForm>> }) {
  const why = useWatch({ control: form.control, name: "why" });
  const left = whyMost - why.trim().length;
  return (
    <span className={left < 0 ? "text-sm font-semibold text-bad" : "text-sm text-soft"}>
      <span className="tabular-nums">{why.trim().length}</span>
      <span className="sr-only"> of</span>
      <span aria-hidden> /</span> {whyMost}
    </span>
  );
}

/** Free text, with the program's own subjects as a start. */
function Niche({
  form,
  niches,
  error,
}: {
  form: ReturnType<typeof useForm<ApplyForm>>;
  niches: string[];
  error: string | undefined;
}) {
  const niche = useWatch({ control: form.control, name: "niche" });
  return (
    <div>
      <Field label="What are your channels about?" required error={error}>
        {(parts) => (
          <input
            {...parts}
            {...form.register("niche")}
            autoComplete="off"
            className="field-box"
            placeholder={niches[0] ? `${niches[0]}, for example` : undefined}
          />
        )}
      </Field>
      {niches.length > 0 && (
        <ul aria-label="Suggestions" className="mt-2.5 flex flex-wrap gap-2">
          {niches.map((each) => (
            <li key={each}>
              <button
                type="button"
                aria-pressed={niche === each}
                onClick={() => form.setValue("niche", each, { shouldDirty: true, shouldValidate: true })}
                className="min-h-9 rounded-full border border-edge px-3.5 py-1 text-sm hover:bg-sunk aria-pressed:border-leaf aria-pressed:bg-leaf-wash aria-pressed:font-semibold aria-pressed:text-leaf"
              >
                {each}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
