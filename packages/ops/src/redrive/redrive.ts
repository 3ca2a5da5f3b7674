import { namesOf } from "../../../../stacks/names.ts";
import { command } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";
import { openFunctions } from "../stage/functions.ts";
import { readStage, type Stage, stageOptions } from "../stage/stage.ts";
import { redriveCalls } from "./calls.ts";
import { openInvoke } from "./invoke.ts";
import { openTableOfStage } from "./items.ts";
import { type Letter, openDeadLetters } from "./queue.ts";
import { type Redriving, redriveStream } from "./stream.ts";

/** What each queue holds, and what becomes of it when it is only thrown away. A test holds them equal to the stacks'. */
export const queues = {
  rollups: {
    holds: "facts that were not counted into the day's figures",
    lost: "The figures of those minutes stay too low; money is not affected.",
  },
  effects: {
    holds: "things that were not done at once: events that were not decided, thanks for a sale",
    lost: "Effects and long work come back by themselves; events that were never decided do not.",
  },
  jobs: {
    holds: "scheduled runs that failed or did not start",
    lost: "Nothing is lost once a later run has gone well: each does all that is due.",
  },
  feedback: {
    holds: "bounces and complaints that were not recorded",
    lost: "Laurel goes on mailing those addresses until they bounce again.",
  },
  alarm: { holds: "alarms that were not posted to Slack", lost: "They went to the alert address as well." },
};
type QueueName = keyof typeof queues;
const queueNames = Object.keys(queues) as QueueName[];
export const queueNameOf = (stage: string, name: QueueName): string => namesOf(stage).other(`${name}-dead`);

/** So long nobody else is given what is being worked on; a run that dies gives it back after that. */
const hiddenForS = 30 * 60;
const lookedAtForS = 30;

export const redrive = command({
  usage: "npm run redrive -- --stage prod --queue effects",
  about: `Gives a function once more what it gave up and what lies in its dead-letter queue. Everything it does is done once, however
often it is run. Without --go it only looks. Find out first why it failed (the function's log): else it fails again.`,
  positionals: Object.entries(queues)
    .map(([name, { holds }]) => `  --queue ${name.padEnd(10)}${holds}`)
    .join("\n"),
  options: {
    ...stageOptions,
    queue: { type: "string", value: "effects", help: `which one: ${queueNames.join(", ")}` },
    go: { type: "boolean", help: "does it" },
    discard: { type: "boolean", help: "throws the messages away instead (together with --go)" },
  },
  run: async (values, io) => {
    const stage = readStage(values, io.env);
    const name = queueNames.find((each) => each === values.queue);
    if (!name) throw new Problem(`Say which queue: --queue ${queueNames.join(" | ")}`);
    const queueName = queueNameOf(stage.name, name);
    const queue = await openDeadLetters(stage.region, queueName);
    if (!queue)
      throw new Problem(
        name === "alarm"
          ? `There is no queue ${queueName} in ${stage.region}: alarms of this stage do not go to Slack.`
          : `There is no queue ${queueName} in ${stage.region} of this account. Is it another region (--region) or another account (AWS_PROFILE)?`,
      );
    const go = values.go ?? false;
    const letters = await queue.takeAll(go ? hiddenForS : lookedAtForS);
    io.say(`${queueName}: ${letters.length} messages`);
    if (letters.length === 0) return 0;
    const work: Redriving = { queue, letters, invoke: openInvoke(stage.region), say: io.say, go };
    let left: readonly Letter[] = letters;
    try {
      if (values.discard) {
        io.say(queues[name].lost);
        if (go) {
          await queue.drop(letters);
          left = [];
          io.say(`${letters.length} messages are thrown away.`);
        }
      } else left = await redriveOne(stage, name, work);
    } finally {
      // What a failure leaves undone is offered again at once, to whoever looks next.
      await queue.release(left).catch(() => {});
    }
    if (!go) io.say(`\nThis was a look. To ${values.discard ? "throw them away" : "do it"}: add --go`);
    else if (left.length > 0) io.say(`\n${left.length} messages are left in ${queueName}.`);
    return go && left.length > 0 ? 1 : 0;
  },
});

async function redriveOne(stage: Stage, name: QueueName, work: Redriving): Promise<Letter[]> {
  const names = namesOf(stage.name);
  switch (name) {
    case "rollups":
    case "effects": {
      const fn = await openFunctions(stage).find(name);
      if (!fn?.env.TABLE_NAME) throw new Problem(`There is no function ${names.function(name)} in ${stage.region}.`);
      return redriveStream(work, {
        consumer: name,
        functionName: fn.name,
        table: openTableOfStage(stage.region, fn.env.TABLE_NAME),
        now: Date.now(),
      });
    }
    case "jobs":
    case "feedback":
      return redriveCalls(work, { feedback: names.function("feedback"), once: name === "jobs" });
    case "alarm":
      throw new Problem("Alarms that are over are told by nobody again. To clear the queue: --discard --go");
  }
}
