import { type Command, execute } from "../src/cli/command.ts";

/** Runs a command as its process would, and returns its exit code and all that it said. */
export async function ended(
  // biome-ignore lint/suspicious/noExplicitAny: a command of any options
  it: Command<any>,
  argv: string,
  { stdin = "", env = {} }: { stdin?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const words = [...argv.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
  const code = await execute(it, words, { say: (line) => void lines.push(line), stdin: async () => stdin, env });
  return { code, text: lines.join("\n") };
}
