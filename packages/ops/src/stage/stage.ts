import { join } from "node:path";
import { environmentOf, regionOf } from "../../../../stacks/config.ts";
import { namesOf } from "../../../../stacks/names.ts";
import type { Option } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";

/** A deployment is named by its stage, in one region of one account. */
export interface Stage {
  name: string;
  region: string;
}

/** The options that every command for a deployment has. */
export const stageOptions = {
  stage: { type: "string", value: "prod", help: "which deployment (as in: npx sst deploy --stage prod)" },
  region: {
    type: "string",
    value: "eu-central-1",
    help: "its region; LAUREL_REGION or AWS_REGION where it is left out",
  },
} as const satisfies Record<string, Option>;

const root = join(import.meta.dirname, "../../../..");

/** @throws Problem where the stage or its region is missing, or no name that a deployment can have */
export function readStage(
  { stage, region }: { stage?: string | undefined; region?: string | undefined },
  env: Record<string, string | undefined>,
): Stage {
  if (!stage) throw new Problem("Say which stage: --stage prod");
  if (!/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/.test(stage))
    throw new Problem(`--stage ${stage} is no name of a stage: 2 to 20 small letters, digits and hyphens.`);
  const at = region ?? regionOf(environmentOf(stage, root, env));
  if (!at)
    throw new Problem(`Say which region: --region eu-central-1, or LAUREL_REGION=eu-central-1 in .env.${stage}.`);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(at)) throw new Problem(`${at} is no name of a region; one reads eu-central-1.`);
  return { name: stage, region: at };
}

/** The names of what a deployment keeps in the parameter store of Systems Manager. */
export function parameterNames(stage: string) {
  const { parameters } = namesOf(stage);
  return {
    keys: `${parameters}/keys`,
    originSecret: `${parameters}/origin-secret`,
    originSecretNext: `${parameters}/origin-secret-next`,
    publicOrigin: `${parameters}/public-origin`,
    slackWebhook: `${parameters}/slack-webhook`,
  };
}

/** The account in an ARN. */
export const accountOf = (arn: string | undefined): string => arn?.split(":")[4] ?? "";
