/** What a function's environment says; undefined for what is not set or empty. This is the one place that reads it. */
export function setting(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}

/** @throws Error that names what the stack has left out */
export function settings<N extends string>(...names: N[]): Record<N, string> {
  const missing = names.filter((name) => setting(name) === undefined);
  if (missing.length > 0) throw new Error(`The function's environment lacks ${missing.join(", ")}`);
  return Object.fromEntries(names.map((name) => [name, setting(name)])) as Record<N, string>;
}
