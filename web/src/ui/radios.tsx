import { type ReactNode, useId } from "react";
import { ErrorText } from "./field.tsx";

export interface Choice<T extends string> {
  value: T;
  label: ReactNode;
  /** What it means, in a few words. */
  note?: ReactNode;
  /** Shown below the choice while it is the one. */
  more?: ReactNode;
}

/** One of a few choices, all of them in sight. Arrow keys move between them, as in every radio group of a browser. */
export function Radios<T extends string>({
  legend,
  hint,
  choices,
  value,
  onChange,
  error,
  disabled = false,
}: {
  legend: ReactNode;
  hint?: ReactNode;
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  error?: string | undefined;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <fieldset className="min-w-0" aria-describedby={hint ? `${id}-hint` : undefined} disabled={disabled}>
      <legend className="font-semibold text-[0.9375rem]">{legend}</legend>
      {hint && (
        <p id={`${id}-hint`} className="mt-0.5 text-sm text-soft">
          {hint}
        </p>
      )}
      <div className="mt-2 space-y-0.5">
        {choices.map((choice) => (
          <div key={choice.value}>
            <label className="-mx-2 flex cursor-pointer items-start gap-3 rounded-lg px-2 py-1.5 hover:bg-sunk/60">
              <input
                type="radio"
                name={id}
                value={choice.value}
                checked={value === choice.value}
                onChange={() => onChange(choice.value)}
                className="mt-[0.2rem] size-[1.125rem] shrink-0 accent-leaf"
              />
              <span className="min-w-0 text-[0.9375rem]">
                {choice.label}
                {choice.note && <span className="block text-sm text-soft">{choice.note}</span>}
              </span>
            </label>
            {value === choice.value && choice.more && <div className="pt-1 pb-2 pl-[1.875rem]">{choice.more}</div>}
          </div>
        ))}
      </div>
      <ErrorText>{error}</ErrorText>
    </fieldset>
  );
}
