import { Plus, Trash2 } from "lucide-react";
import { useMemo, useRef } from "react";
import { type FieldPath, type UseFormReturn, useFieldArray, useWatch } from "react-hook-form";
import { Button } from "../../ui/button.tsx";
import { ErrorText, Field } from "../../ui/field.tsx";
import { announce } from "../../ui/toast.tsx";
import type { ProgramForm } from "./form.ts";

const nameOf = (currency: string): string => {
  const name = new Intl.DisplayNames(undefined, { type: "currency" }).of(currency) ?? currency;
  return name === currency ? currency : `${currency}, ${name}`;
};

/** Up to which amount one person may correct an order alone, currency by currency. */
export function Limits({
  form,
  programCurrency,
  say,
}: {
  form: UseFormReturn<ProgramForm>;
  programCurrency: string;
  say: (name: FieldPath<ProgramForm>, subject: string) => string | undefined;
}) {
  const { fields, append, remove } = useFieldArray({ control: form.control, name: "approveAbove", keyName: "key" });
  const limits = useWatch({ control: form.control, name: "approveAbove" });
  const add = useRef<HTMLButtonElement>(null);
  const all = useMemo(
    () => [...new Set([programCurrency, ...Intl.supportedValuesOf("currency")])].map((code) => [code, nameOf(code)]),
    [programCurrency],
  );
  const used = limits.map(({ currency }) => currency);
  const next = [programCurrency, "EUR", "USD", "GBP"].find((code) => !used.includes(code)) ?? "";
  const drop = (index: number) => {
    remove(index);
    announce(`The limit for ${used[index]} is removed.`);
    requestAnimationFrame(() => add.current?.focus());
  };

  return (
    <fieldset aria-describedby="limits-hint">
      <legend className="font-semibold text-[0.9375rem]">Corrections that one person may make alone</legend>
      <p id="limits-hint" className="mt-0.5 mb-3 text-sm text-soft">
        An order that earns more than this is given to somebody else, or taken away, only once a second person has
        approved it. In a currency that is not named here, a second person always looks.
      </p>
      {fields.length > 0 && (
        <ul className="mb-3 space-y-3">
          {fields.map((field, index) => {
            const at = `approveAbove.${index}` as const;
            const code = used[index] ?? field.currency;
            return (
              <li key={field.key} className="grid grid-cols-[minmax(0,1fr)_8rem_auto] items-start gap-2">
                <Field label="Currency" required>
                  {(parts) => (
                    <select {...parts} {...form.register(`${at}.currency`)} className="field-box">
                      {all.map(([each, name]) => (
                        <option key={each} value={each}>
                          {name}
                        </option>
                      ))}
                    </select>
                  )}
                </Field>
                <Field label="Up to" required error={say(`${at}.amount`, "The amount")}>
                  {(parts) => (
                    <input
                      {...parts}
                      {...form.register(`${at}.amount`)}
                      inputMode="decimal"
                      autoComplete="off"
                      className="field-box text-right tabular-nums"
                    />
                  )}
                </Field>
                <Button
                  look="quiet"
                  className="mt-[1.875rem] px-2.5"
                  aria-label={`Remove the limit for ${code}`}
                  onClick={() => drop(index)}
                >
                  <Trash2 aria-hidden className="size-4" />
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      {fields.length === 0 && <p className="mb-3 text-[0.9375rem]">A second person looks at every correction.</p>}
      <ErrorText>{say("approveAbove", "The list")}</ErrorText>
      <Button
        ref={add}
        look="outline"
        onClick={() =>
          append(
            { currency: next || (all[0]?.[0] ?? ""), amount: "" },
            { focusName: `approveAbove.${fields.length}.amount` },
          )
        }
      >
        <Plus aria-hidden className="size-4" />
        Add a currency
      </Button>
    </fieldset>
  );
}
