import type { Program } from "@laurel/contract";
import { type ComponentProps, useEffect, useMemo, useState } from "react";
import { type FieldPath, useForm } from "react-hook-form";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Field, type FieldParts } from "../../ui/field.tsx";
import { Card } from "../../ui/page.tsx";
import { announce } from "../../ui/toast.tsx";
import { formFieldOf, formOf, type ProgramForm, resolverFor, wantedOf } from "./form.ts";
import { Limits } from "./limits.tsx";
import { Questions } from "./questions.tsx";
import { SaveBar, useBase, useProgramSave } from "./save.tsx";

export function ProgramSettings({ program }: { program: Program }) {
  const [read, setRead] = useState(program);
  const form = useForm<ProgramForm>({
    defaultValues: formOf(program),
    resolver: useMemo(() => resolverFor(read), [read]),
    mode: "onTouched",
  });
  const { errors, isDirty, submitCount } = form.formState;
  const [base, adopt] = useBase(program, isDirty, (next) => {
    setRead(next);
    form.reset(formOf(next));
  });
  const state = useProgramSave(base, adopt);
  const zones = useMemo(
    () => [...new Set([program.timeZone, "UTC", ...Intl.supportedValuesOf("timeZone")])],
    [program.timeZone],
  );

  const refused = state.error;
  useEffect(() => {
    if (refused instanceof ApiError)
      for (const [index, { field, message }] of refused.fields.entries())
        form.setError(
          formFieldOf(field) as FieldPath<ProgramForm>,
          { type: "server", message },
          { shouldFocus: index === 0 },
        );
  }, [refused, form]);

  const wrong = (name: FieldPath<ProgramForm>): string | undefined => {
    const found = name
      .split(".")
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], errors);
    if (Array.isArray(found)) return found.find(Boolean)?.message;
    const { message, root } = (found ?? {}) as { message?: string; root?: { message?: string } };
    return message ?? root?.message;
  };
  const say = (name: FieldPath<ProgramForm>, subject: string) => {
    const message = wrong(name);
    return message === undefined ? undefined : fieldMessage(subject, message);
  };
  const text =
    (name: FieldPath<ProgramForm>, more: ComponentProps<"input"> = {}) =>
    (parts: FieldParts) => (
      <input {...parts} {...form.register(name)} autoComplete="off" {...more} className="field-box" />
    );

  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={form.handleSubmit(
        (values) => state.save(wantedOf(base, values)),
        () => announce("Some fields need another look."),
      )}
    >
      <Card title="The brand">
        <div className="space-y-5">
          <Field label="Name" required error={say("name", "The name")}>
            {text("name")}
          </Field>
          <Field
            label="Voice"
            required
            hint="A sentence or two in your own voice. Applicants read it first."
            error={say("voice", "This text")}
          >
            {(parts) => <textarea {...parts} {...form.register("voice")} rows={3} className="field-box" />}
          </Field>
          <Field label="Shop" required hint="Where links of ambassadors lead." error={say("shopUrl", "The address")}>
            {text("shopUrl", { inputMode: "url", spellCheck: false })}
          </Field>
          <div className="grid gap-5 sm:grid-cols-2">
            <Field label="Mails come from" required error={say("senderName", "The sender's name")}>
              {text("senderName")}
            </Field>
            <Field label="Answers go to" error={say("replyTo", "The address")}>
              {text("replyTo", { type: "email", placeholder: "Nobody" })}
            </Field>
          </div>
          <Field
            label="Time zone"
            required
            hint="Days, months and release dates are counted in it."
            error={say("timeZone", "The time zone")}
          >
            {(parts) => (
              <select {...parts} {...form.register("timeZone")} className="field-box">
                {zones.map((zone) => (
                  <option key={zone} value={zone}>
                    {zone.replaceAll("_", " ")}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Niches" hint="One a line. Applicants see them as suggestions." error={say("niches", "A niche")}>
            {(parts) => <textarea {...parts} {...form.register("niches")} rows={5} className="field-box" />}
          </Field>
        </div>
      </Card>

      <Card title="Questions of your own">
        <Questions form={form} say={say} />
      </Card>

      <Card title="Money and claims">
        <div className="space-y-5">
          <div className="grid gap-5 sm:grid-cols-2">
            <Field
              label="Commission waits, in days"
              required
              hint="From the purchase until it is released, in case the order is sent back. It holds for new orders."
              error={say("holdDays", "The number of days")}
            >
              {text("holdDays", { inputMode: "numeric", maxLength: 3 })}
            </Field>
            <Field
              label="Claims are answered within, in days"
              required
              hint="What ambassadors are promised when they claim an order. Later ones are shown as overdue."
              error={say("claimDays", "The number of days")}
            >
              {text("claimDays", { inputMode: "numeric", maxLength: 2 })}
            </Field>
          </div>
          <Limits form={form} programCurrency={program.currency} say={say} />
        </div>
      </Card>

      <Card title="Documents">
        <p className="mb-5 text-[0.9375rem] text-soft">
          Each application keeps the versions that were accepted. Give a new version whenever a text changes.
        </p>
        <div className="space-y-5">
          {(
            [
              ["guidelines", "Guidelines"],
              ["terms", "Terms"],
              ["privacy", "Privacy notice"],
            ] as const
          ).map(([name, label]) => (
            <fieldset key={name} className="grid gap-x-4 gap-y-3 sm:grid-cols-[9rem_1fr]">
              <legend className="mb-1.5 font-semibold">{label}</legend>
              <Field label="Version" required error={say(`${name}.version`, "The version")}>
                {text(`${name}.version`)}
              </Field>
              <Field label="Address" required error={say(`${name}.url`, "The address")}>
                {text(`${name}.url`, { inputMode: "url", spellCheck: false })}
              </Field>
            </fieldset>
          ))}
        </div>
      </Card>

      <SaveBar
        state={state}
        dirty={isDirty}
        invalid={submitCount > 0 ? Object.keys(errors).length : 0}
        onUndo={() => form.reset()}
      />
    </form>
  );
}
