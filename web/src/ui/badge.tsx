import type { ReactNode } from "react";
import type { Tone } from "../format/words.ts";
import { cx } from "./cx.ts";

const tones: Record<Tone, string> = {
  strong: "bg-leaf text-on-leaf",
  good: "bg-good-wash text-good",
  wait: "bg-wait-wash text-wait",
  bad: "bg-bad-wash text-bad",
  quiet: "bg-sunk text-soft",
  plain: "bg-sunk text-ink",
};

/** A state in one or two words. */
export function Badge({
  tone = "plain",
  children,
  className,
}: {
  tone?: Tone;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      className={cx(
        "inline-flex items-center whitespace-nowrap font-sans rounded-full px-2.5 py-0.5 text-[0.8125rem] font-semibold leading-5 print:border print:px-1.5",
        tones[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

export function StateBadge({ words }: { words: { label: string; tone: Tone } }) {
  return <Badge tone={words.tone}>{words.label}</Badge>;
}
