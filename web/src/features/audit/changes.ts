import type { Audit } from "@laurel/contract";

/** A value as one reads it in a line. */
function say(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(say).join(", ") || "nothing";
  if (typeof value === "object")
    return Object.entries(value)
      .map(([name, each]) => `${name} ${say(each)}`)
      .join(", ");
  return String(value);
}

/** What an entry changed, field by field. A field on one side only came or went. */
export function changesOf({
  before,
  after,
}: Pick<Audit, "before" | "after">): { field: string; from: string | undefined; to: string }[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => ({
      field,
      from: before && field in before ? say(before[field]) : undefined,
      to: say(after?.[field]),
    }))
    .filter(({ from, to }) => from !== to && !(from === undefined && to === "nothing"));
}
