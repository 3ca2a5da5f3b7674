import { formatMoney } from "../format/money.ts";
import { formatDay, formatExact, formatMoment, formatRelative } from "../format/time.ts";
import { cx } from "./cx.ts";

/** An amount that never breaks over lines and stands in columns. */
export function Money({ minor, currency, className }: { minor: number; currency: string; className?: string }) {
  return <span className={cx("whitespace-nowrap tabular-nums", className)}>{formatMoney(minor, currency)}</span>;
}

/** A point in time in the viewer's zone, with the exact one as its title. */
export function Time({
  at,
  as = "moment",
  className,
}: {
  at: string;
  as?: "moment" | "day" | "relative";
  className?: string;
}) {
  const text =
    as === "day" ? formatDay(at) : as === "relative" ? (formatRelative(at) ?? formatDay(at)) : formatMoment(at);
  return (
    <time dateTime={at} title={at.length > 10 ? formatExact(at) : undefined} className={className}>
      {text}
    </time>
  );
}
