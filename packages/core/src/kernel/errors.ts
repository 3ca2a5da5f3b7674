import { type ErrorKind, errorKinds } from "@laurel/contract";

/**
 * The only error that a caller is meant to see. `code` is stable and dotted, `message` tells a person what to do.
 * Anything else that is thrown is our own fault and becomes a 500 without details.
 */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: { field: string; message: string }[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    more: { errors?: { field: string; message: string }[]; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = "AppError";
    this.kind = kind;
    this.code = code;
    this.errors = more.errors;
    this.retryAfterMs = more.retryAfterMs;
  }

  get status(): number {
    return errorKinds[this.kind];
  }
}

/** One answer for an id that does not exist and for one that is somebody else's. */
export const notFound = () =>
  new AppError("not_found", "not_found", "There is nothing here, or nothing that you may see. Check the address.");

export const invalidField = (field: string, message: string) =>
  new AppError("invalid", "request.invalid", `${field} ${message}.`, { errors: [{ field, message }] });

/** States what must hold; a breach is a bug of ours, never the caller's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
