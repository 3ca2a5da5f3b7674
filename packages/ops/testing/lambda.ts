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
  /** Answers an invocation: what the function returns, or an error of its own. */
  onInvoke(answer: (name: string, payload: unknown) => { result?: unknown; error?: string }): void;
}

/** Functions: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
export function fakeLambda(initial: Record<string, Record<string, string>>): FakeLambda {
  const functions = new Map<string, FakeFunction>(
    Object.entries(initial).map(([name, env]) => [name, { env, revision: 1, settlesIn: 0 }]),
  );
  let answerTo: Parameters<FakeLambda["onInvoke"]>[0] = () => ({ result: null });
  return {
    functions,
    onInvoke: (answer) => {
      answerTo = answer;
    },
    service: ({ method, path, body }) => {
      const [, name = "", what] = /^\/2015-03-31\/functions\/([^/]+)\/(configuration|invocations)/.exec(path) ?? [];
      if (!what) return undefined;
      const fn = functions.get(name);
      if (!fn) return jsonError("ResourceNotFoundException", `Function not found: ${name}`, 404);
      if (what === "invocations") {
        const { result, error } = answerTo(name, JSON.parse(body));
        return {
          status: 200,
          headers: error ? { "x-amz-function-error": "Unhandled" } : {},
          body: JSON.stringify(error ? { errorMessage: error, errorType: "Error" } : (result ?? null)),
        };
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
