import type { Audit } from "@laurel/contract";
import { formatMoney, formatRate } from "../../format/money.ts";
import { formatDay, formatMoment } from "../../format/time.ts";

/** Nobody reads minor units or basis points: a rate is said in percent, an amount beside its currency as money. */
function withMoney(record: Record<string, unknown>): Record<string, unknown> {
  const { currency } = record;
  let said = false;
  const fields = Object.entries(record).map(([name, value]) => {
    if (!Number.isInteger(value)) return [name, value];
    if (name.endsWith("Bp")) return [name.slice(0, -"Bp".length), formatRate(value as number)];
    if (!name.endsWith("Minor") || typeof currency !== "string") return [name, value];
    said = true;
    return [name.slice(0, -"Minor".length), formatMoney(value as number, currency)];
  });
  // Money says its currency itself.
  return Object.fromEntries(fields.filter(([name]) => !(said && name === "currency")));
}

/** The name of a field as one says it: clickWindowDays is "click window days". */
const inWords = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const enumerated = /^[a-z]+(_[a-z]+)+$/;
const day = /^\d{4}-\d\d-\d\d$/;
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** A value as one reads it in a line. */
function say(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") {
    if (instant.test(value)) return formatMoment(value);
    if (day.test(value)) return formatDay(value);
    return enumerated.test(value) ? value.replaceAll("_", " ") : value;
  }
  if (Array.isArray(value)) return value.map(say).join(", ") || "nothing";
  if (typeof value === "object")
    return Object.entries(withMoney({ ...value }))
      .map(([name, each]) => `${inWords(name)} ${say(each)}`)
      .join(", ");
  return String(value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Change {
  field: string;
  from: string | undefined;
  to: string;
}

/** What an entry changed, field by field, those of nested settings one by one. A field on one side only came or went. */
export function changesOf(entry: Pick<Audit, "before" | "after">): Change[] {
  const before = entry.before && withMoney(entry.before);
  const after = entry.after && withMoney(entry.after);
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .flatMap((field): Change[] => {
      const [from, to] = [before?.[field], after?.[field]];
      if (isRecord(from) && isRecord(to))
        return changesOf({ before: from, after: to }).map((each) => ({
          ...each,
          field: `${inWords(field)}: ${each.field}`,
        }));
      return [{ field: inWords(field), from: before && field in before ? say(from) : undefined, to: say(to) }];
    })
    .filter(({ from, to }) => from !== to && !(from === undefined && to === "nothing"));
}
