import { schemaVersion } from "@laurel/core/table/schema.ts";
import { StartProblem } from "../problem.ts";

/**
 * Whether this version can work on data of that schema.
 * @throws StartProblem
 */
export function checkSchema(found: number | undefined): void {
  if (found !== undefined && found > schemaVersion)
    throw new StartProblem(
      `The data was written by a newer Laurel (schema ${found}, this one knows ${schemaVersion}). Use that version, or another folder.`,
    );
}
