import { parseArgs } from "node:util";
import { inWords, Problem } from "./problem.ts";

/** What a command has of the world beside AWS. */
export interface Io {
  say(line: string): void;
  /** Everything that is piped in; "" where nothing is. */
  stdin(): Promise<string>;
  env: Record<string, string | undefined>;
}

export interface Option {
  type: "string" | "boolean";
  /** One line for --help. */
  help: string;
  /** Stands for the value in --help. */
  value?: string;
}
type Options = Record<string, Option>;
export type Values<O extends Options> = { [K in keyof O]?: O[K]["type"] extends "string" ? string : boolean };

export interface Command<O extends Options = Options> {
  /** As it is typed: `npm run setup -- --stage prod`. */
  usage: string;
  /** What it does, and what it never does. */
  about: string;
  options: O;
  /** What may stand without a name, for --help; none where it is left out. */
  positionals?: string;
  /** @returns the exit code */
  run(values: Values<O>, io: Io, positionals: string[]): Promise<number>;
}

/** Keeps the options' names and kinds for `run`. */
export const command = <const O extends Options>(it: Command<O>): Command<O> => it;

/**
 * Reads the arguments, runs the command, and tells in one line what a person can put right.
 * @returns the exit code
 */
export async function execute<O extends Options>(it: Command<O>, argv: readonly string[], io: Io): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    io.say(helpOf(it as unknown as Command));
    return 0;
  }
  try {
    const { values, positionals } = read(it as unknown as Command, argv);
    return await it.run(values as Values<O>, io, positionals);
  } catch (error) {
    const problem = inWords(error);
    io.say(problem ? `\n${problem.message}` : ((error as Error).stack ?? String(error)));
    return 1;
  }
}

function read({ options, positionals: allowed }: Command, argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: allowed !== undefined, strict: true });
  } catch (error) {
    throw new Problem(`${(error as Error).message.split(". To specify")[0]}. See --help.`, error);
  }
}

function helpOf({ usage, about, options, positionals }: Command): string {
  const rows = Object.entries(options).map(([name, { value, help, type }]) => [
    `--${name}${type === "string" ? ` ${value ?? "…"}` : ""}`,
    help,
  ]);
  const width = Math.max(...rows.map(([name]) => name!.length));
  return [
    usage,
    "",
    about,
    "",
    ...(positionals ? [positionals, ""] : []),
    ...rows.map(([name, help]) => `  ${name!.padEnd(width)}  ${help}`),
  ].join("\n");
}

/** Runs a command as this process. */
export async function main<O extends Options>(it: Command<O>): Promise<void> {
  process.exitCode = await execute(it, process.argv.slice(2), {
    say: (line) => console.log(line),
    stdin: readStdin,
    env: process.env,
  });
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return "";
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8").trim();
}
