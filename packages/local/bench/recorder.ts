import type { Table } from "@laurel/core/table";
import type { Wire } from "./units.ts";

/** One request to the engine. */
export interface Call {
  operation: string;
  /** As it went over the wire. */
  input: Wire;
  /** What the program was told, in plain values. */
  output: Wire;
}

export interface Recorder {
  start(): void;
  stop(): Call[];
}

/**
 * Writes down every request that a table's client sends: each attempt of its own, below the SDK's retries, so that nothing which
 * reaches the engine goes uncounted.
 */
export function openRecorder(table: Table): Recorder {
  let calls: Call[] | undefined;
  table.client.middlewareStack.add(
    (next) => async (args) => {
      if (!calls) return next(args);
      const kept = calls;
      const { headers, body } = args.request as { headers: Record<string, string>; body: unknown };
      const call: Call = {
        operation: headers["x-amz-target"]!.split(".").at(-1)!,
        input: JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body as Uint8Array)),
        output: {},
      };
      kept.push(call);
      const result = await next(args);
      call.output = result.output;
      return result;
    },
    { step: "finalizeRequest", priority: "low", name: "laurelRecorder" },
  );
  return {
    start: () => {
      calls = [];
    },
    stop: () => {
      const kept = calls ?? [];
      calls = undefined;
      return kept;
    },
  };
}
