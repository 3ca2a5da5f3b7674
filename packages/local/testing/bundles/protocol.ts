/** An event on its way to a function, and what is told of it: between a host and its child. */
export interface Invocation {
  id: number;
  event: unknown;
  context: Record<string, unknown>;
}

export type Told =
  | { ready: true; initMs: number }
  | { broken: string }
  | { id: number; result: unknown }
  | { id: number; error: string };

/** Ends the output of an invocation, so that whoever reads it knows that all of it is there. */
export const endOf = (id: number): string => `\u0003end of invocation ${id}`;
