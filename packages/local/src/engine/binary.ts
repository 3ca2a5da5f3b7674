import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StartProblem } from "../problem.ts";

const resolveHere = createRequire(import.meta.url).resolve;

/**
 * Where npm put the DynamoDB engine of this platform.
 * @throws StartProblem where there is none for it
 */
export function findBinary({
  platform = process.platform as string,
  arch = process.arch as string,
  resolve = resolveHere as (id: string) => string,
} = {}): string {
  const name = `@dynoxide/${platform}-${arch}`;
  try {
    return join(dirname(resolve(`${name}/package.json`)), platform === "win32" ? "dynoxide.exe" : "dynoxide");
  } catch (error) {
    throw new StartProblem(
      `There is no DynamoDB engine for ${platform}-${arch} (${name} is not installed). Run "npm ci" again, or set DYNAMODB_ENDPOINT to an engine of your own.`,
      error,
    );
  }
}
