import type { Commission } from "@laurel/contract";
import { formatDay, formatExact } from "../../format/time.ts";

/** When a commission is released: a day of the program's calendar, wherever it is read. */
export function ReleaseDay({ of }: { of: Pick<Commission, "releaseAt" | "releaseDay"> }) {
  return (
    <time dateTime={of.releaseAt} title={formatExact(of.releaseAt)}>
      {formatDay(of.releaseDay)}
    </time>
  );
}
