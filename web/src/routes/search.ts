/*
 * Parameters of our addresses are plain text, one value each: `?minFollowers=1000`, without the quotes that the
 * router's own JSON notation would put around a number that is text.
 */

export const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    if ((typeof value === "string" && value !== "") || typeof value === "number") params.set(name, String(value));
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** Keeps the named parameters that are there and drops every other one. */
export const picked =
  <K extends string>(...names: K[]) =>
  (search: Record<string, unknown>): { [name in K]?: string } => {
    const found: { [name in K]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === "string" && value !== "") found[name] = value;
    }
    return found;
  };
