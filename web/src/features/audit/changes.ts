import type { Audit } from "@laurel/contract";
import { formatMoney } from "../../format/money.ts";

/** Nobody reads minor units: an amount beside its currency is said as money, and the currency with it. */
function withMoney(record: Record<string, unknown>): Record<string, unknown> {
  const { currency, ...rest } = record;
  const amounts = Object.keys(rest).filter((name) => name.endsWith("Minor") && Number.isInteger(rest[name]));
  if (typeof currency !== "string" || amounts.length === 0) return record;
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) =>
      amounts.includes(name) ? [name.slice(0, -"Minor".length), formatMoney(value as number, currency)] : [name, value],
    ),
  );
}

/** A value as one reads it in a line. */
function say(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(say).join(", ") || "nothing";
  if (typeof value === "object")
    return Object.entries(withMoney({ ...value }))
      .map(([name, each]) => `${name} ${say(each)}`)
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
        return changesOf({ before: from, after: to }).map((each) => ({ ...each, field: `${field}: ${each.field}` }));
      return [{ field, from: before && field in before ? say(from) : undefined, to: say(to) }];
    })
    .filter(({ from, to }) => from !== to && !(from === undefined && to === "nothing"));
}
