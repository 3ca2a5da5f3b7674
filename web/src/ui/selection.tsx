import type { ReactNode } from "react";
import { Button } from "./button.tsx";

/** As many as one job takes. */
export const mostSelected = 500;

/** All that is shown, or none of it. */
export function SelectAll({
  shown,
  selected,
  onChange,
}: {
  shown: readonly string[];
  selected: ReadonlySet<string>;
  onChange: (ids: string[]) => void;
}) {
  const all = shown.length > 0 && shown.every((id) => selected.has(id));
  return (
    <label className="flex min-h-9 items-center gap-2.5 text-sm">
      <input
        type="checkbox"
        checked={all}
        ref={(box) => {
          if (box) box.indeterminate = !all && selected.size > 0;
        }}
        onChange={() => onChange(all ? [] : shown.slice(0, mostSelected))}
        className="size-5 accent-leaf"
      />
      Select all that are shown
    </label>
  );
}

/** What to do with those that are selected. It stays in sight while the list scrolls. */
export function SelectionBar({
  label,
  count,
  onClear,
  children,
}: {
  label: string;
  count: number;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={label}
      className="sticky bottom-3 z-20 mt-3 rounded-xl border border-line bg-card p-3 shadow-float"
    >
      <div className="mb-1 flex items-center justify-between gap-2">
        <p className="pl-1 font-semibold text-[0.9375rem]">{count} selected</p>
        <Button look="quiet" onClick={onClear}>
          Select none
        </Button>
      </div>
      <div className="flex gap-2">{children}</div>
    </section>
  );
}
