import { type ComponentProps, type ReactNode, useId } from "react";
import { ErrorText } from "./field.tsx";

/** A checkbox with a label of any length and, where it is wrong, why. */
export function Check({
  label,
  error,
  ...input
}: ComponentProps<"input"> & { label: ReactNode; error?: string | undefined }) {
  const id = useId();
  return (
    <div>
      <div className="flex items-start gap-3">
        <input
          {...input}
          type="checkbox"
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          className="mt-0.5 size-5 shrink-0 accent-leaf"
        />
        <label htmlFor={id} className="text-[0.9375rem]">
          {label}
        </label>
      </div>
      <ErrorText id={`${id}-error`}>{error}</ErrorText>
    </div>
  );
}
