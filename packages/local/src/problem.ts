/** Something that stops a start and that a person can put right. Its message is one line and is all that is shown of it. */
export class StartProblem extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StartProblem";
  }
}
