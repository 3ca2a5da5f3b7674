/** Something that stops a start and that a person can put right. Its message is one line and is all that is shown of it. */
export class StartProblem extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StartProblem";
  }
}

const causes: Record<string, string> = {
  ENOSPC: "its disk is full",
  EDQUOT: "its disk is full",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "it is read-only",
};
/** SQLite's own numbers (https://www.sqlite.org/rescode.html). */
const sqliteCauses: Record<number, string> = {
  8: "it is read-only",
  10: "the disk failed",
  13: "its disk is full",
  14: "it cannot be opened",
};

/**
 * What the file system or SQLite refused, in words for whoever started the program.
 * @returns undefined for any other error
 */
export function fileReason(error: unknown): string | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return (code ? causes[code] : undefined) ?? (errcode ? sqliteCauses[errcode % 256] : undefined);
}
