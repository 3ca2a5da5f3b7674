import { formatDay, formatExact } from "../../format/time.ts";
import { useProgramZone } from "../program/queries.ts";

/** When a commission is released: a day of the program's calendar where the viewer may know its zone. */
export function ReleaseDay({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatDay(at, undefined, useProgramZone())}
    </time>
  );
}
