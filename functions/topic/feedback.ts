import { readFeedback } from "@laurel/core/gateway/mail";
import { takeFeedback } from "@laurel/core/mailbox";
import type { SNSEvent } from "aws-lambda";
import { runtime } from "../deployed.ts";
import { onEvent } from "../lambda.ts";
import type { Runtime } from "../runtime.ts";

/**
 * Takes in what the mail service tells of bounces and complaints, so that mail stops where it does not arrive or is not
 * wanted. Whatever else comes over the topic is left alone.
 * @throws where something could not be kept: the notification then comes again, and what was kept changes nothing twice
 */
export function createFeedback(runtime: Runtime): (event: SNSEvent) => Promise<void> {
  return async (event) => {
    const ctx = runtime.context({ kind: "system", name: "feedback" });
    const told = event.Records.flatMap((record) => readFeedback(record.Sns.Message));
    for (const feedback of told) {
      const { kind, reason } = feedback;
      // Neither address nor person: what is told here is about one of them.
      runtime.log.info("mail.feedback", { kind, reason, kept: await takeFeedback(ctx, feedback) });
    }
    if (told.length === 0) runtime.log.info("mail.feedback_ignored", { records: event.Records.length });
  };
}

/** The deployed function behind the mail service's topic. */
export const handler = onEvent(createFeedback, runtime);
