import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

/** Calls a function and waits for its end. @returns what it answered, or in which words it failed */
export type Invoke = (functionName: string, payload: unknown) => Promise<{ answer: unknown } | { failure: string }>;

/** The longest that a function of ours runs, and a bit. */
const longestMs = 13 * 60_000;

export function openInvoke(region: string): Invoke {
  const lambda = new LambdaClient({ region, requestHandler: { requestTimeout: longestMs } });
  return async (functionName, payload) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
    );
    const answer = Payload?.length ? JSON.parse(new TextDecoder().decode(Payload)) : null;
    // What a function says of its own failure may quote what it was given: only the error's name is told.
    return FunctionError ? { failure: String(answer?.errorType ?? FunctionError) } : { answer };
  };
}
