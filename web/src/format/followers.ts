/** "12,400", "12 400" and "12.400" are all 12400; "12.4k" is too. Undefined where it is no number. */
export function parseFollowers(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replaceAll(/\s/g, "");
  const short = /^(\d+)(?:[.,](\d{1,2}))?([km])$/.exec(compact);
  if (short) {
    const size = short[3] === "k" ? 1_000 : 1_000_000;
    return Math.round(Number(`${short[1]}.${short[2] ?? "0"}`) * size);
  }
  if (/^\d{1,3}(?:[.,'’]\d{3})+$/.test(compact) || /^\d+$/.test(compact)) return Number(compact.replaceAll(/\D/g, ""));
  return undefined;
}
