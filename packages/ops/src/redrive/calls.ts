import { Problem } from "../cli/problem.ts";
import type { Letter } from "./queue.ts";
import type { Redriving } from "./stream.ts";

/** A call that Lambda or its caller gave up. */
interface Call {
  functionName: string;
  payload: unknown;
}

/** `arn:aws:lambda:…:function:prod-laurel-minute:$LATEST` → `prod-laurel-minute` */
const nameIn = (arn: unknown): string | undefined => /:function:([\w-]+)/.exec(String(arn))?.[1];

/**
 * Reads a given-up call: as Lambda leaves it (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html),
 * as EventBridge leaves it, with its target among the attributes, or as SNS leaves it, which is the notification alone.
 * @param feedback the function behind the mail service's topic
 * @throws Problem for anything else
 */
export function readCall({ body, attributes }: Letter, feedback: string): Call {
  try {
    const left = JSON.parse(body);
    const byLambda = nameIn(left.requestContext?.functionArn);
    if (byLambda) return { functionName: byLambda, payload: left.requestPayload };
    const byEventBridge = nameIn(attributes.TARGET_ARN);
    if (byEventBridge) return { functionName: byEventBridge, payload: left };
    if (left.Type === "Notification" && typeof left.Message === "string")
      return {
        functionName: feedback,
        payload: {
          Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: "", Sns: left }],
        },
      };
  } catch {
    // Told below, without the body: it may hold an address.
  }
  throw new Problem("The queue holds a message of a form that is not known here. Look at it in the console.");
}

/**
 * Makes each call once more; of scheduled ones the last alone, since each does whatever is due.
 * @returns the letters whose call failed again
 */
export async function redriveCalls(
  { queue, letters, invoke, say, go }: Redriving,
  { feedback, once }: { feedback: string; once: boolean },
): Promise<Letter[]> {
  const calls = letters.map((letter) => ({ letter, ...readCall(letter, feedback) }));
  const groups = once ? groupBy(calls, (call) => call.functionName) : calls.map((call) => [call]);
  for (const [functionName, { length }] of countBy(calls))
    say(
      `  ${functionName}: ${length} calls${once && length > 1 ? ", of which one is made: it does all that is due" : ""}`,
    );
  if (!go) return [...letters];

  const left: Letter[] = [];
  for (const group of groups) {
    const { functionName, payload } = group.at(-1)!;
    const outcome = await invoke(functionName, payload);
    if ("failure" in outcome) {
      say(`  ${functionName} failed again: ${outcome.failure}. Its log says why.`);
      left.push(...group.map(({ letter }) => letter));
    } else await queue.drop(group.map(({ letter }) => letter));
  }
  say(`${letters.length - left.length} of ${letters.length} messages are dealt with.`);
  return left;
}

const groupBy = <T>(all: readonly T[], key: (each: T) => string): T[][] => [...Map.groupBy(all, key).values()];
const countBy = (calls: readonly { functionName: string }[]) => Map.groupBy(calls, (call) => call.functionName);
