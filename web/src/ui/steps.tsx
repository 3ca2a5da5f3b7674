import { Check, X } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx.ts";

export interface Step {
  title: string;
  state: "done" | "now" | "next" | "stopped";
  when?: ReactNode;
  body?: ReactNode;
}

const said = { done: "Done", now: "Now", next: "Still to come", stopped: "Ended" };

/** A short history from top to bottom, with what is still to come. */
export function Steps({ label, steps }: { label: string; steps: Step[] }) {
  return (
    <ol aria-label={label} className="space-y-0">
      {steps.map((step, index) => (
        <li key={step.title} className="relative flex gap-4 pb-7 last:pb-0">
          {index < steps.length - 1 && (
            <span aria-hidden className="absolute top-8 bottom-0 left-[0.9375rem] w-px bg-line" />
          )}
          <span
            aria-hidden
            className={cx(
              "relative flex size-8 shrink-0 items-center justify-center rounded-full border-2",
              step.state === "done" && "border-leaf bg-leaf text-on-leaf",
              step.state === "now" && "border-leaf bg-card text-leaf",
              step.state === "next" && "border-line bg-card",
              step.state === "stopped" && "border-edge bg-sunk text-soft",
            )}
          >
            {step.state === "done" && <Check className="size-4" />}
            {step.state === "stopped" && <X className="size-4" />}
            {step.state === "now" && <span className="size-2.5 rounded-full bg-leaf" />}
          </span>
          <div className={cx("min-w-0 pt-0.5", step.state === "next" && "text-soft")}>
            <p className="font-semibold">
              <span className="sr-only">{said[step.state]}: </span>
              {step.title}
              {step.when && <span className="ml-2 font-normal text-sm text-soft">{step.when}</span>}
            </p>
            {step.body && <div className="mt-0.5 text-[0.9375rem] text-soft">{step.body}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
