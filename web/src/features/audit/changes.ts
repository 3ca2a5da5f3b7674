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

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Change {
  field: string;
  from: string | undefined;
  to: string;
}

/** What an entry changed, field by field, those of nested settings one by one. A field on one side only came or went. */
export function changesOf({ before, after }: Pick<Audit, "before" | "after">): Change[] {
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
