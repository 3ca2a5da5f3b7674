import { json, jsonError, type Service } from "./aws.ts";

export interface FakeFunction {
  env: Record<string, string>;
  /** What some of its instances still run with, while a change is on its way. */
  formerEnv?: Record<string, string> | undefined;
  revision: number;
  /** So often it is asked for until its change has arrived. */
  settlesIn: number;
}

export interface FakeLambda {
  service: Service;
  functions: Map<string, FakeFunction>;
  /** What a function returns when it is invoked; an error that it throws is its failure. */
  onInvoke(answer: (name: string, payload: never) => unknown): void;
}

/** Functions: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
export function fakeLambda(initial: Record<string, Record<string, string>>): FakeLambda {
  const functions = new Map<string, FakeFunction>(
    Object.entries(initial).map(([name, env]) => [name, { env, revision: 1, settlesIn: 0 }]),
  );
  let answerTo: (name: string, payload: never) => unknown = () => null;
  return {
    functions,
    onInvoke: (answer) => {
      answerTo = answer;
    },
    service: async ({ method, path, body }) => {
      const [, name = "", what] = /^\/2015-03-31\/functions\/([^/]+)\/(configuration|invocations)/.exec(path) ?? [];
      if (!what) return undefined;
      const fn = functions.get(name);
      if (!fn) return jsonError("ResourceNotFoundException", `Function not found: ${name}`, 404);
      if (what === "invocations") {
        if (Buffer.byteLength(body) > 6 * 1024 * 1024)
          return jsonError("RequestTooLargeException", "Request must be smaller than 6291456 bytes", 413);
        try {
          return { status: 200, body: JSON.stringify((await answerTo(name, JSON.parse(body) as never)) ?? null) };
        } catch (error) {
          const { name: errorType, message: errorMessage } = error as Error;
          return {
            status: 200,
            headers: { "x-amz-function-error": "Unhandled" },
            body: JSON.stringify({ errorType, errorMessage }),
          };
        }
      }
      if (method === "GET") {
        if (fn.settlesIn > 0) fn.settlesIn -= 1;
        if (fn.settlesIn === 0) fn.formerEnv = undefined;
        return json({
          FunctionName: name,
          Environment: { Variables: fn.env },
          RevisionId: String(fn.revision),
          State: "Active",
          LastUpdateStatus: fn.settlesIn > 0 ? "InProgress" : "Successful",
        });
      }
      const input = JSON.parse(body);
      if (fn.settlesIn > 0) return jsonError("ResourceConflictException", "An update is in progress for resource", 409);
      if (input.RevisionId !== String(fn.revision))
        return jsonError("PreconditionFailedException", "The RevisionId provided does not match the latest one", 412);
      // What is left out of a change of the environment is gone.
      fn.formerEnv = fn.env;
      fn.env = input.Environment.Variables;
      fn.revision += 1;
      fn.settlesIn = 3;
      return json({ FunctionName: name, LastUpdateStatus: "InProgress" });
    },
  };
}
