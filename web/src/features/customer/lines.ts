/** Numbers of lines as people write them: 3, 4 and 5 are “3 to 5”. At most so many parts, then how many lines are left out. */
export function linesInWords(lines: readonly number[], most = 40): { text: string; more: number } {
  const spans: [from: number, to: number][] = [];
  for (const line of lines) {
    const last = spans.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else spans.push([line, line]);
  }
  const shown = spans.slice(0, most);
  const told = shown.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return {
    text: shown
      .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`))
      .join(", "),
    more: lines.length - told,
  };
}
