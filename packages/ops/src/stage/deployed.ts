import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { namesOf } from "../../../../stacks/names.ts";
import { Problem } from "../cli/problem.ts";
import type { Stage } from "./stage.ts";

/** The stacks of a deployment, in their order. A test holds them equal to what is deployed. */
export const stackNames = [
  "Data",
  "Http",
  "Stream",
  "Jobs",
  "Mail",
  "Portal",
  "Alarms",
  "Dashboard",
  "Budget",
] as const;
type StackName = (typeof stackNames)[number];

export interface Stack {
  name: string;
  /** CloudFormation's word, e.g. UPDATE_COMPLETE. */
  status: string;
}

/** The stage's stacks; none where it is not deployed here. Each is asked for by name: a deployer may list no others. */
export async function findStacks(stage: Stage): Promise<Stack[]> {
  const client = new CloudFormationClient({ region: stage.region });
  const find = async (short: StackName): Promise<Stack[]> => {
    try {
      const { Stacks = [] } = await client.send(
        new DescribeStacksCommand({ StackName: namesOf(stage.name).other(short) }),
      );
      return Stacks.map(({ StackName = "", StackStatus = "" }) => ({ name: StackName, status: StackStatus }));
    } catch (error) {
      if (/ does not exist$/.test((error as Error).message)) return [];
      throw error;
    }
  };
  return (await Promise.all(stackNames.map(find))).flat();
}

/** @throws Problem where the stage is not deployed here, or a deployment of it is under way */
export async function refuseWhileDeploying(stage: Stage): Promise<void> {
  const stacks = await findStacks(stage);
  if (stacks.length === 0)
    throw new Problem(
      `There is no stage ${stage.name} in ${stage.region} of this account. Is it another region (--region) or another account (AWS_PROFILE)? If it was never deployed: npx sst deploy --stage ${stage.name}`,
    );
  const busy = stacks.find(({ status }) => status.endsWith("_IN_PROGRESS"));
  if (busy)
    throw new Problem(
      `A deployment of ${stage.name} is under way (${busy.name}: ${busy.status}). Run this again once it is over.`,
    );
}

/** The id of the one distribution of a stage. @throws Problem where there is none */
export async function distributionOf(stage: Stage): Promise<string> {
  const client = new CloudFormationClient({ region: stage.region });
  const StackName = namesOf(stage.name).other("Portal" satisfies StackName);
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    for (const { ResourceType, PhysicalResourceId } of StackResourceSummaries)
      if (ResourceType === "AWS::CloudFront::Distribution" && PhysicalResourceId) return PhysicalResourceId;
  throw new Problem(
    `Stage ${stage.name} has no distribution in ${stage.region}. Its deployment may have been cut short: npx sst deploy --stage ${stage.name}`,
  );
}
