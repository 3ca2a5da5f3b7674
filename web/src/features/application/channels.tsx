import { channelKinds } from "@laurel/contract";
import { Plus, Trash2 } from "lucide-react";
import { type FieldErrors, type UseFormReturn, useFieldArray } from "react-hook-form";
import { channelWords } from "../../format/channels.ts";
import { fieldMessage, plural } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorText, Field } from "../../ui/field.tsx";
import { announce } from "../../ui/toast.tsx";
import { type ApplyForm, emptyChannel } from "./form.ts";

const most = 10;

/** Where the applicant is to be found: one block a channel. */
export function Channels({ form }: { form: UseFormReturn<ApplyForm> }) {
  const { fields, append, remove } = useFieldArray({ control: form.control, name: "channels" });
  const errors = form.formState.errors.channels as FieldErrors<ApplyForm>["channels"];
  // An array of errors of single channels has no message of its own.
  const whole = errors?.root ?? (errors as { message?: string } | undefined);
  const listError = whole?.message ? whole : undefined;
  const message = (subject: string, error: { message?: string } | undefined) =>
    error && fieldMessage(subject, error.message ?? "is not right");

  return (
    <fieldset>
      <legend className="font-serif text-2xl">Your channels</legend>
      <p className="mt-1 mb-4 text-[0.9375rem] text-soft">
        Where people find you. A handle or a web address is enough, small channels are welcome.
      </p>
      <ErrorText>{message("The list of channels", listError)}</ErrorText>
      <ul className="space-y-4">
        {fields.map((field, index) => {
          const wrong = errors?.[index];
          return (
            <li key={field.id} className="rounded-xl border border-line bg-card p-4 sm:p-5">
              <fieldset aria-labelledby={`channel-${index}`}>
                <div className="mb-3 flex min-h-9 items-center justify-between gap-3">
                  <span id={`channel-${index}`} className="eyebrow">
                    Channel {index + 1}
                  </span>
                  {fields.length > 1 && (
                    <Button
                      look="quiet"
                      className="min-h-9 px-2.5 py-1 text-sm"
                      aria-label={`Remove channel ${index + 1}`}
                      onClick={() => {
                        remove(index);
                        form.setFocus(`channels.${Math.max(0, index - 1)}.kind`);
                        announce(`Channel removed, ${plural(fields.length - 1, "is", "are")} left.`);
                      }}
                    >
                      <Trash2 aria-hidden className="size-4" />
                      Remove
                    </Button>
                  )}
                </div>
                <div className="grid gap-4 sm:grid-cols-2">
                  <Field label="Platform" required error={message("The platform", wrong?.kind)}>
                    {(parts) => (
                      <select {...parts} {...form.register(`channels.${index}.kind`)} className="field-box">
                        {channelKinds.map((kind) => (
                          <option key={kind} value={kind}>
                            {channelWords[kind]}
                          </option>
                        ))}
                      </select>
                    )}
                  </Field>
                  <Field label="Followers" required error={message("The number of followers", wrong?.followers)}>
                    {(parts) => (
                      <input
                        {...parts}
                        {...form.register(`channels.${index}.followers`)}
                        inputMode="numeric"
                        autoComplete="off"
                        className="field-box"
                        placeholder="1,200"
                      />
                    )}
                  </Field>
                  <Field
                    label="Handle"
                    error={
                      wrong?.handle &&
                      message(wrong.handle.message?.startsWith("give") ? "Please" : "The handle", wrong.handle)
                    }
                  >
                    {(parts) => (
                      <input
                        {...parts}
                        {...form.register(`channels.${index}.handle`)}
                        autoComplete="off"
                        autoCapitalize="none"
                        spellCheck={false}
                        className="field-box"
                        placeholder="@ada.runs"
                      />
                    )}
                  </Field>
                  <Field label="Web address" error={message("The web address", wrong?.url)}>
                    {(parts) => (
                      <input
                        {...parts}
                        {...form.register(`channels.${index}.url`)}
                        type="text"
                        inputMode="url"
                        autoComplete="off"
                        autoCapitalize="none"
                        spellCheck={false}
                        className="field-box"
                        placeholder="https://"
                      />
                    )}
                  </Field>
                </div>
              </fieldset>
            </li>
          );
        })}
      </ul>
      {fields.length < most && (
        <Button
          look="outline"
          className="mt-4"
          onClick={() => append(emptyChannel, { focusName: `channels.${fields.length}.kind` })}
        >
          <Plus aria-hidden className="size-4" />
          Add another channel
        </Button>
      )}
    </fieldset>
  );
}
