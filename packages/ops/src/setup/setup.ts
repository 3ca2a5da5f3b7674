import type { Keys } from "@laurel/core/kernel";
import { command } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";
import { findStacks } from "../stage/deployed.ts";
import { openParameters } from "../stage/parameters.ts";
import { accountOf, parameterNames, readStage, type Stage, stageOptions } from "../stage/stage.ts";
import { newSecret, originSecretAbout, originSecretNextAbout } from "./secrets.ts";

const newKeys = (): Keys => ({ version: "k1", email: newSecret(), link: newSecret() });

export const setup = command({
  usage: "npm run setup -- --stage prod",
  about: `Makes the secrets that a deployment needs, in the parameter store of your AWS account, before the first deploy.
It can be run again at any time: what is there stays as it is. No secret is printed.`,
  options: {
    ...stageOptions,
    "slack-webhook": { type: "boolean", help: "also keeps the address of a Slack webhook for alarms, read from stdin" },
    "keys-from-stdin": { type: "boolean", help: "puts a copy of the keys back, read from stdin, where there are none" },
    "new-keys": {
      type: "boolean",
      help: "makes new keys although the stage is deployed: its people are lost to look-ups",
    },
  },
  run: async (values, io) => {
    const stage = readStage(values, io.env);
    if (values["slack-webhook"] && values["keys-from-stdin"])
      throw new Problem("Only one of --slack-webhook and --keys-from-stdin can be read from stdin at a time.");
    // Whatever was piped in is looked at first: nothing is made when it is no good.
    const slack = values["slack-webhook"] ? readSlack(await io.stdin()) : undefined;
    const copy = values["keys-from-stdin"] ? readKeys(await io.stdin()) : undefined;
    const names = parameterNames(stage.name);
    const parameters = openParameters(stage.region);
    const told = (name: string, made: boolean) => io.say(`  ${made ? "made" : "kept"}  ${name}`);

    if (!(await parameters.find(names.keys)) && !copy && !values["new-keys"]) await refuseWhereDeployed(stage);
    io.say(`Stage ${stage.name} in ${stage.region}:`);
    const keysMade = await parameters.create(names.keys, JSON.stringify(copy ?? newKeys()), {
      secret: true,
      description: "Laurel: the keys that e-mail addresses are found by. Never change or lose them; keep a copy.",
    });
    told(names.keys, keysMade);
    if (copy && !keysMade)
      throw new Problem("There are keys already, and they are never overwritten. The copy from stdin was not used.");
    // A plain String, for CloudFormation cannot put a SecureString into a function's environment.
    for (const [name, description] of [
      [names.originSecret, originSecretAbout],
      [names.originSecretNext, originSecretNextAbout],
    ] as const)
      told(name, await parameters.create(name, newSecret(), { secret: false, description }));
    if (slack) {
      await parameters.replace(names.slackWebhook, slack, {
        secret: true,
        description: "Laurel: where alarms are told.",
      });
      io.say(`  put   ${names.slackWebhook}`);
    }

    const account = accountOf((await parameters.find(names.keys))?.arn);
    io.say(next(stage, account, keysMade));
    return 0;
  },
});

/** New keys beside old data: nobody would be found by their address any more, and all links in mails would be void. */
async function refuseWhereDeployed(stage: Stage): Promise<void> {
  if ((await findStacks(stage)).length === 0) return;
  const { keys } = parameterNames(stage.name);
  throw new Problem(
    `Stage ${stage.name} is deployed in ${stage.region}, and ${keys} is gone. New keys would not find anybody in its table by their e-mail address: nobody could sign in, and each could apply a second time. Put your copy back:
  npm run setup -- --stage ${stage.name} --region ${stage.region} --keys-from-stdin < keys.json
Only where its table holds nobody yet: --new-keys`,
  );
}

function readSlack(text: string): string {
  if (!text)
    throw new Problem("Pipe the webhook's address in: pbpaste | npm run setup -- --stage prod --slack-webhook");
  if (!URL.canParse(text) || new URL(text).protocol !== "https:")
    throw new Problem("What came from stdin is no web address that begins with https://. It is not printed here.");
  return text;
}

function readKeys(text: string): Keys {
  try {
    const { version, email, link } = JSON.parse(text) as Partial<Keys>;
    if ([version, email, link].every((part) => typeof part === "string" && part.length > 0))
      return { version: version!, email: email!, link: link! };
  } catch {
    // Told below, without what was read.
  }
  throw new Problem('What came from stdin are no keys. They read {"version":"k1","email":"…","link":"…"}.');
}

const next = ({ name, region }: Stage, account: string, keysMade: boolean): string =>
  [
    "",
    `Account ${account}. ${keysMade ? "Now:" : "Next:"}`,
    "",
    `  1. Keep a copy of the keys where your passwords are. Without them nobody is found by their e-mail address any more,`,
    "     not even from a backup. This prints them:",
    `       aws ssm get-parameter --with-decryption --name ${parameterNames(name).keys} --region ${region} --query Parameter.Value --output text`,
    "  2. Deploy:",
    `       npx sst deploy --stage ${name} --region ${region}`,
    "  3. Get the link that makes you the owner:",
    `       npm run owner-link -- --stage ${name} --region ${region} --email you@your-brand.example --help`,
    "",
    "docs/first-deploy.md tells each step, and what it costs.",
  ].join("\n");
