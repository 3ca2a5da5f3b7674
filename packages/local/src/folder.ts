import { accessSync, constants, mkdirSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { fileReason, StartProblem } from "./problem.ts";

/** With less than this, a start would stop half way, or the engine soon after it. */
const leastFreeBytes = 20 * 1024 * 1024;

/**
 * Makes a folder where there is none, and makes sure that Laurel can work in it before anything in it is touched.
 * @throws StartProblem
 */
export function openFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartProblem(
      `The folder ${folder} cannot be used: ${fileReason(error) ?? (error as Error).message}. Set LAUREL_DIR to another one.`,
      error,
    );
  }
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()))
    try {
      accessSync(join(folder, name), constants.R_OK | constants.W_OK);
    } catch (error) {
      // Another Laurel, which has the folder, puts files in place and takes them away.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw new StartProblem(
        `The file ${join(folder, name)} cannot be used: ${fileReason(error) ?? (error as Error).message}.`,
        error,
      );
    }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < leastFreeBytes)
    throw new StartProblem(
      `The disk of ${folder} is full: ${Math.floor((bavail * bsize) / 1024 / 1024)} MB are free, Laurel needs ${leastFreeBytes / 1024 / 1024}. Make room, or set LAUREL_DIR to another one.`,
    );
}
