import type { Program } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, RotateCw } from "lucide-react";
import { type ComponentProps, useMemo, useRef } from "react";
import { type FieldPath, useForm } from "react-hook-form";
import { patch } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage, signalWords } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field, type FieldParts } from "../../ui/field.tsx";
import { Card } from "../../ui/page.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce, toast } from "../../ui/toast.tsx";
import { formOf, type ProgramForm, patchOf, resolverFor } from "./form.ts";
import { programQuery } from "./queries.ts";
import { Questions } from "./questions.tsx";

export function ProgramSettings({ program, reload }: { program: Program; reload: () => void }) {
  const client = useQueryClient();
  const form = useForm<ProgramForm>({
    defaultValues: useMemo(() => formOf(program), [program]),
    resolver: resolverFor(program),
    mode: "onTouched",
  });
  const { errors, isDirty } = form.formState;
  const zones = useMemo(
    () => [...new Set([program.timeZone, "UTC", ...Intl.supportedValuesOf("timeZone")])],
    [program.timeZone],
  );

  const save = useMutation({
    mutationFn: (values: ProgramForm) => patch<Program>("/api/program", patchOf(program, values)),
    onSuccess: (saved) => {
      client.setQueryData(programQuery.queryKey, saved);
      void client.invalidateQueries({ queryKey: ["program", "public"] });
      toast("Saved. It takes effect within half a minute.");
    },
    onError: (error) => {
      if (error instanceof ApiError)
        for (const [index, { field, message }] of error.fields.entries())
          form.setError(field as FieldPath<ProgramForm>, { type: "server", message }, { shouldFocus: index === 0 });
    },
  });
  const conflict = save.error instanceof ApiError && save.error.status === 409;

  const wrong = (name: FieldPath<ProgramForm>): string | undefined => {
    const found = name
      .split(".")
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], errors);
    if (Array.isArray(found)) return found.find(Boolean)?.message;
    return (found as { message?: string } | undefined)?.message;
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
        (values) => !save.isPending && save.mutate(values),
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

      <Card title="Attribution and commission">
        <p className="mb-5 text-[0.9375rem] text-soft">
          Changes hold for new orders. What is on a receipt already stays as it is.
        </p>
        <div className="space-y-5">
          <Precedence
            value={form.watch("rules.precedence")}
            onChange={(next) => form.setValue("rules.precedence", next, { shouldDirty: true })}
            error={say("rules.precedence", "The order")}
          />
          <div className="grid gap-5 sm:grid-cols-2">
            <Field
              label="A click counts for … days"
              required
              error={say("rules.clickWindowDays", "The number of days")}
            >
              {text("rules.clickWindowDays", { inputMode: "numeric" })}
            </Field>
            <Field label="Commission waits … days" required error={say("holdDays", "The number of days")}>
              {text("holdDays", { inputMode: "numeric" })}
            </Field>
          </div>
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

      {conflict ? (
        <div role="alert" className="rounded-xl border border-wait/40 bg-wait-wash p-4">
          <p className="font-semibold">Somebody else changed the program meanwhile</p>
          <p className="mt-0.5 text-[0.9375rem]">
            Your changes were not saved. Reload to see theirs, then make yours again.
          </p>
          <Button
            className="mt-4"
            onClick={() => {
              save.reset();
              reload();
            }}
          >
            <RotateCw aria-hidden className="size-4" />
            Reload
          </Button>
        </div>
      ) : (
        save.isError &&
        !(save.error instanceof ApiError && save.error.fields.length > 0) && <Failure error={save.error} />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" busy={save.isPending} disabled={!isDirty}>
          Save changes
        </Button>
        {isDirty && (
          <Button look="quiet" onClick={() => form.reset()}>
            Undo
          </Button>
        )}
      </div>
    </form>
  );
}

/** An order that is set by buttons: it works by keyboard and by touch alike. */
function Precedence({
  value,
  onChange,
  error,
}: {
  value: Program["rules"]["precedence"];
  onChange: (next: Program["rules"]["precedence"]) => void;
  error: string | undefined;
}) {
  const list = useRef<HTMLOListElement>(null);
  const move = (from: number, by: 1 | -1) => {
    const next = [...value];
    const [moved] = next.splice(from, 1);
    next.splice(from + by, 0, moved!);
    onChange(next);
    announce(`${signalWords[moved!]} is now number ${from + by + 1}.`);
    // The button pressed may have become useless at the end of the list; focus stays with what was moved.
    requestAnimationFrame(() => {
      const row = list.current?.children[from + by];
      (
        row?.querySelector<HTMLButtonElement>(`[data-by="${by}"]:not(:disabled)`) ??
        row?.querySelector<HTMLButtonElement>("button:not(:disabled)")
      )?.focus();
    });
  };
  return (
    <div>
      <h3 className="mb-1.5 font-semibold text-[0.9375rem]">What is believed first</h3>
      <ol ref={list} className="divide-y divide-line overflow-hidden rounded-lg border border-line">
        {value.map((kind, index) => (
          <li key={kind} className="flex items-center gap-3 px-3.5 py-1.5">
            <span className="text-soft tabular-nums">{index + 1}</span>
            <span className="flex-1">{signalWords[kind]}</span>
            <Button
              look="quiet"
              className="px-2.5"
              data-by="-1"
              aria-label={`Move ${signalWords[kind]} up`}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            >
              <ArrowUp aria-hidden className="size-4" />
            </Button>
            <Button
              look="quiet"
              className="px-2.5"
              data-by="1"
              aria-label={`Move ${signalWords[kind]} down`}
              disabled={index === value.length - 1}
              onClick={() => move(index, 1)}
            >
              <ArrowDown aria-hidden className="size-4" />
            </Button>
          </li>
        ))}
      </ol>
      {error && <p className="mt-1.5 font-medium text-bad text-sm">{error}</p>}
    </div>
  );
}
