import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { Check } from "../../ui/check.tsx";
import { ErrorText, Field } from "../../ui/field.tsx";
import { Card } from "../../ui/page.tsx";
import { Radios } from "../../ui/radios.tsx";
import { Precedence } from "./precedence.tsx";
import { type RuleSet, type RulesDraft, type RulesErrors, readDraft, type SpanDraft } from "./rules-draft.ts";
import { examples } from "./rules-examples.ts";
import { ruleNames } from "./rules-words.ts";

interface Props {
  value: RulesDraft;
  onChange: (next: RulesDraft) => void;
  /** What is wrong, by the rule, in half a sentence; the API's own errors beside those of the draft. */
  errors?: RulesErrors;
}

/** All rules by which an order finds its ambassador, each with what it means for an order. It keeps nothing itself. */
export function RulesForm({ value, onChange, errors = {} }: Props) {
  const { rules } = readDraft(value);
  const set = (changes: Partial<RulesDraft>) => onChange({ ...value, ...changes });
  const wrong = (name: keyof RuleSet, subject: string) => (errors[name] ? `${subject} ${errors[name]}.` : undefined);
  const flag = (name: "newCustomersOnly" | "countOwnOrders" | "campaignDates" | "countOutOfBand", label: string) => (
    <Rule name={name} rules={rules}>
      <h3 className="mb-2 font-semibold text-[0.9375rem]">{ruleNames[name]}</h3>
      <Check checked={value[name]} onChange={(event) => set({ [name]: event.target.checked })} label={label} />
      <ErrorText>{wrong(name, "This")}</ErrorText>
    </Rule>
  );

  return (
    <div className="space-y-5">
      <Card title="Whose an order is">
        <Rules>
          <Rule name="precedence" rules={rules}>
            <Precedence
              value={value.precedence}
              onChange={(precedence) => set({ precedence })}
              error={wrong("precedence", "The list")}
            />
          </Rule>
          <Rule name="clickWindowDays" rules={rules}>
            <Field
              label="How long a click counts, in days"
              required
              hint="From the click to the purchase. 30 is usual."
              error={wrong("clickWindowDays", "The number of days")}
            >
              {(parts) => (
                <input
                  {...parts}
                  inputMode="numeric"
                  autoComplete="off"
                  maxLength={3}
                  value={value.clickWindowDays}
                  onChange={(event) => set({ clickWindowDays: event.target.value })}
                  className="field-box max-w-28"
                />
              )}
            </Field>
          </Rule>
          <Rule name="clickTouch" rules={rules}>
            <Radios
              legend={ruleNames.clickTouch}
              choices={[
                { value: "last", label: "The latest", note: "Whoever was there right before the purchase." },
                { value: "first", label: "The first", note: "Whoever told the buyer of you." },
              ]}
              value={value.clickTouch}
              onChange={(clickTouch) => set({ clickTouch })}
              error={wrong("clickTouch", "This")}
            />
          </Rule>
          <Rule name="severalCodes" rules={rules}>
            <Radios
              legend={ruleNames.severalCodes}
              hint="Few checkouts take more than one. Codes that are not of this program never matter here."
              choices={[
                { value: "first", label: "The one entered first" },
                { value: "last", label: "The one entered last" },
                { value: "nobody", label: "None of them", note: "A click or a known customer may decide instead." },
              ]}
              value={value.severalCodes}
              onChange={(severalCodes) => set({ severalCodes })}
              error={wrong("severalCodes", "This")}
            />
          </Rule>
        </Rules>
      </Card>

      <Card title="For how long">
        <Rules>
          <Rule name="bindingMonths" rules={rules}>
            <Span
              legend={ruleNames.bindingMonths}
              hint="From the first order that an ambassador brought, whatever the customer does then."
              none={{ label: "Not at all", note: "Each order needs a code or a click of its own." }}
              ever={{ label: "For ever" }}
              value={value.binding}
              onChange={(binding) => set({ binding })}
              error={wrong("bindingMonths", "The number of months")}
            />
          </Rule>
          <Rule name="renewalMonths" rules={rules}>
            <Span
              legend={ruleNames.renewalMonths}
              hint="Its payments follow the order that began it, whatever code or link comes later."
              none={{ label: "The first payment only", note: "A free trial is no payment: the first paid one counts." }}
              ever={{ label: "As long as it is paid" }}
              value={value.renewal}
              onChange={(renewal) => set({ renewal })}
              error={wrong("renewalMonths", "The number of months")}
            />
          </Rule>
        </Rules>
      </Card>

      <Card title="What counts at all">
        <Rules>
          {flag("newCustomersOnly", "Codes and clicks count only for customers who had not bought before.")}
          {flag("countOwnOrders", "Ambassadors earn by what they buy themselves.")}
          {flag("campaignDates", "A code or a link counts only while its campaign runs.")}
          {flag("countOutOfBand", "Invoices that were paid outside of the checkout earn.")}
        </Rules>
      </Card>
    </div>
  );
}

const Rules = ({ children }: { children: ReactNode }) => (
  <div className="divide-y divide-line *:py-6 *:first:pt-0 *:last:pb-0">{children}</div>
);

/** A rule, and below it what it means as it is set now. */
function Rule({ name, rules, children }: { name: keyof RuleSet; rules: RuleSet; children: ReactNode }) {
  const { story, outcome } = examples[name](rules);
  return (
    <div>
      {children}
      <p className="mt-3 border-leaf/40 border-l-2 pl-3 text-sm">
        <span className="text-soft">For example: {story}</span>
        <span className="mt-0.5 flex items-start gap-1.5 font-semibold">
          <ArrowRight aria-hidden className="mt-1 size-3.5 shrink-0 text-leaf" />
          {outcome}
        </span>
      </p>
    </div>
  );
}

function Span({
  legend,
  hint,
  none,
  ever,
  value,
  onChange,
  error,
}: {
  legend: string;
  hint: string;
  none: { label: string; note?: string };
  ever: { label: string; note?: string };
  value: SpanDraft;
  onChange: (next: SpanDraft) => void;
  error: string | undefined;
}) {
  return (
    <Radios
      legend={legend}
      hint={hint}
      choices={[
        { value: "none", ...none },
        {
          value: "months",
          label: "For some months",
          more: (
            <Field label="Number of months" required error={error}>
              {(parts) => (
                <input
                  {...parts}
                  inputMode="numeric"
                  autoComplete="off"
                  maxLength={3}
                  value={value.months}
                  onChange={(event) => onChange({ ...value, months: event.target.value })}
                  className="field-box max-w-28"
                />
              )}
            </Field>
          ),
        },
        { value: "ever", ...ever },
      ]}
      value={value.kind}
      onChange={(kind) => onChange({ ...value, kind })}
      error={value.kind === "months" ? undefined : error}
    />
  );
}

/** What the rules say as they stand in the form, kept up with every change. */
export function RulesSummary({ sentences }: { sentences: readonly string[] }) {
  return (
    <section aria-label="What these rules say" className="rounded-xl bg-leaf-wash p-5">
      <h2 className="mb-3 font-serif text-xl">What these rules say</h2>
      <ul className="space-y-2 text-[0.9375rem]">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}
