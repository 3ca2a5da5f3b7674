import type { SNSEvent } from "aws-lambda";
import { deployedParameters } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import { slackMessage } from "./alarm-message.ts";

/** What posting needs. */
export interface AlarmParts {
  /** Slack's incoming webhook, which is a secret: whoever has it may post. Undefined where none was stored. */
  webhook: () => Promise<string | undefined>;
  post?: typeof fetch;
  /** So long Slack may take. */
  timeoutMs?: number;
}

/**
 * Posts to Slack what comes to the alarm topic.
 * @throws where Slack did not take it, so that it is tried again and then kept; the message never holds the webhook's address
 */
export function createAlarm({
  webhook,
  post = fetch,
  timeoutMs = 4_000,
}: AlarmParts): (event: SNSEvent) => Promise<void> {
  const send = async (address: string, body: string): Promise<void> => {
    let status: number;
    try {
      const answer = await post(address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        // A webhook of Slack answers itself; somebody else's answer may lead anywhere.
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = answer.status;
      await answer.body?.cancel();
    } catch (error) {
      throw new Error(`Slack did not answer (${(error as Error).name}).`);
    }
    if (status !== 200) throw new Error(`Slack did not take the alarm: HTTP ${status}.`);
  };
  return async (event) => {
    const address = await webhook();
    if (!address || !isWebhook(address))
      throw new Error("No Slack webhook is stored, or it is not an https address. npm run setup stores one.");
    for (const { Sns } of event.Records)
      await send(address, JSON.stringify(slackMessage({ subject: Sns.Subject, message: Sns.Message })));
  };
}

/** Plain HTTP goes to this machine alone, where a test listens. */
function isWebhook(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === "https:" || (url?.protocol === "http:" && url.hostname === "127.0.0.1");
}

/** The deployed function behind the alarms' topic. */
export const handler = onEvent(
  (parameters: ReturnType<typeof deployedParameters>) =>
    createAlarm({ webhook: () => parameters.find("slack-webhook") }),
  async () => deployedParameters(),
);
