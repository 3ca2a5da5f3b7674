type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };

/**
 * Whether an event source's filter lets a record through: every leaf of the pattern is a list, and the record holds one of its
 * values at that place. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 * @throws for operators, such as `prefix`, which are not known here
 */
export function matches(pattern: Json, record: Json | undefined): boolean {
  if (Array.isArray(pattern)) {
    for (const value of pattern)
      if (value !== null && typeof value === "object") throw new Error(`Unknown operator: ${JSON.stringify(value)}`);
    return pattern.includes(record as never);
  }
  if (pattern === null || typeof pattern !== "object") throw new Error("A leaf of a pattern is a list");
  if (record === null || typeof record !== "object" || Array.isArray(record)) return false;
  return Object.entries(pattern).every(([name, part]) => matches(part!, record?.[name]));
}
