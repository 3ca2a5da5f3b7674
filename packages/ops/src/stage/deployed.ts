import {
  CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { Problem } from "../cli/problem.ts";
import { accountOf, type Stage } from "./stage.ts";

export interface Stack {
  name: string;
  arn: string;
  /** CloudFormation's word, e.g. UPDATE_COMPLETE. */
  status: string;
}

/** What stands on AWS under a stage's name. */
export interface Deployed {
  stage: Stage;
  account: string;
  stacks: Stack[];
  /** The physical ids of all resources of a kind (`AWS::DynamoDB::Table`), over all stacks. */
  resources(type: string): Promise<string[]>;
}

/** SST names a stack <stage>-<app>-<stack>. */
const app = "laurel";
const prefixOf = (stage: string): string => `${stage}-${app}-`;
const gone = new Set(["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"]);

/** The stage's stacks; none where it is not deployed here. */
export async function findStacks(stage: Stage): Promise<{ stacks: Stack[]; others: string[] }> {
  const client = new CloudFormationClient({ region: stage.region });
  const stacks: Stack[] = [];
  const others = new Set<string>();
  for await (const page of paginateDescribeStacks({ client }, {}))
    for (const { StackName = "", StackId = "", StackStatus = "" } of page.Stacks ?? []) {
      if (gone.has(StackStatus)) continue;
      if (StackName.startsWith(prefixOf(stage.name)))
        stacks.push({ name: StackName, arn: StackId, status: StackStatus });
      else if (StackName.includes(`-${app}-`)) others.add(StackName.split(`-${app}-`)[0]!);
    }
  return { stacks, others: [...others].sort() };
}

/** @throws Problem where the stage is not deployed in this region of this account */
export async function findDeployed(stage: Stage): Promise<Deployed> {
  const { stacks, others } = await findStacks(stage);
  if (stacks.length === 0)
    throw new Problem(
      `There is no stage ${stage.name} in ${stage.region} of this account. ${
        others.length > 0 ? `Here I find: ${others.join(", ")}. ` : ""
      }Is it another region (--region) or another account (AWS_PROFILE)? If it was never deployed: npx sst deploy --stage ${stage.name}`,
    );
  const client = new CloudFormationClient({ region: stage.region });
  let listing: Promise<{ type: string; id: string }[]> | undefined;
  const list = async () => {
    const found: { type: string; id: string }[] = [];
    for (const { name } of stacks)
      for await (const page of paginateListStackResources({ client }, { StackName: name }))
        for (const { ResourceType, PhysicalResourceId, ResourceStatus } of page.StackResourceSummaries ?? [])
          if (ResourceType && PhysicalResourceId && ResourceStatus !== "DELETE_COMPLETE")
            found.push({ type: ResourceType, id: PhysicalResourceId });
    return found;
  };
  return {
    stage,
    account: accountOf(stacks[0]!.arn),
    stacks,
    resources: async (type) => {
      listing ??= list();
      return (await listing).filter((each) => each.type === type).map(({ id }) => id);
    },
  };
}

/** @throws Problem while a deployment of the stage is under way, or one was cut short */
export function refuseWhileDeploying({ stacks, stage }: Pick<Deployed, "stacks" | "stage">): void {
  const busy = stacks.find(({ status }) => status.endsWith("_IN_PROGRESS"));
  if (busy)
    throw new Problem(
      `A deployment of ${stage.name} is under way (${busy.name}: ${busy.status}). Run this again once it is over.`,
    );
}

/** The one resource of a kind. @throws Problem where there is none, or several */
export async function theOnly(deployed: Deployed, type: string, what: string): Promise<string> {
  const found = await deployed.resources(type);
  if (found.length === 1) return found[0]!;
  throw new Problem(
    found.length === 0
      ? `Stage ${deployed.stage.name} has no ${what} in ${deployed.stage.region}. Its deployment may have been cut short: npx sst deploy --stage ${deployed.stage.name}`
      : `Stage ${deployed.stage.name} has several of what should be one ${what}: ${found.join(", ")}.`,
  );
}
