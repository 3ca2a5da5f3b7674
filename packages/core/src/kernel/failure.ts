import { AppError } from "./errors.ts";

/** An error as a log may keep it. */
export type ToldError = {
  /** What names it: our own code, or the class and what it says. */
  error: string;
  /** What it came from, the nearest first. */
  cause?: string;
  /** Where it was thrown; only of what nobody expected. */
  at?: string[];
};

/**
 * What of an error goes into a log: what names it, never what it quotes. Messages of ours may tell a person of a name or a
 * code, a parser repeats the body that it could not read, and a service the request that it refused.
 */
export function errorOf(error: unknown): ToldError {
  const causes: string[] = [];
  for (let cause = causeOf(error); cause !== undefined && causes.length < 3; cause = causeOf(cause))
    causes.push(nameOf(cause));
  return {
    error: nameOf(error),
    ...(causes.length > 0 ? { cause: causes.join(" < ") } : {}),
    ...(error instanceof Error && !(error instanceof AppError) ? { at: framesOf(error) } : {}),
  };
}

const causeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null ? (error as { cause?: unknown }).cause : undefined;

function nameOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  if (typeof error !== "object" || error === null) return typeof error;
  const { name = "Error", message = "", code, status, $metadata } = error as ErrorLike;
  const numbers = [code, status ?? $metadata?.httpStatusCode, $metadata?.requestId].filter(
    (each) => each !== undefined,
  );
  const said = error instanceof SyntaxError ? "" : withoutPeople(message);
  return [[name, ...numbers].join(" "), said].filter(Boolean).join(": ");
}

interface ErrorLike {
  name?: string;
  message?: string;
  code?: string | number;
  status?: number;
  $metadata?: { httpStatusCode?: number; requestId?: string };
}

/** The first line, without addresses and without what stands in quotation marks: that is somebody's input. */
const withoutPeople = (text: string): string =>
  text
    .split("\n")[0]!
    .replace(/[^\s"'<>]+@[^\s"'<>]+/g, "…")
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g, "…")
    .slice(0, 300);

const framesOf = (error: Error): string[] =>
  (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
