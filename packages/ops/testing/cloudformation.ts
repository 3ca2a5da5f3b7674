import { type Service, xml, xmlError } from "./aws.ts";

export interface FakeStack {
  name: string;
  status?: string;
  resources?: { type: string; id: string }[];
}

/** Stacks, and their resources two a page: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export function fakeCloudFormation(stacks: FakeStack[], region = "eu-central-1", account = "111122223333"): Service {
  const page = <T>(all: T[], token: string | null) => {
    const from = Number(token ?? 0);
    return { items: all.slice(from, from + 2), next: from + 2 < all.length ? String(from + 2) : undefined };
  };
  const next = (token: string | undefined) => (token ? `<NextToken>${token}</NextToken>` : "");
  return ({ operation, body }) => {
    const form = new URLSearchParams(body);
    if (operation === "DescribeStacks") {
      const named = form.get("StackName");
      // To look at all needs a right that a deployer of one app does not have.
      if (!named)
        return xmlError("AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks", 403);
      const items = stacks.filter(({ name }) => name === named);
      if (items.length === 0) return xmlError("ValidationError", `Stack with id ${named} does not exist`);
      return xml(
        `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>${items
          .map(
            ({ name, status = "UPDATE_COMPLETE" }) =>
              `<member><StackName>${name}</StackName><StackId>arn:aws:cloudformation:${region}:${account}:stack/${name}/0</StackId><StackStatus>${status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member>`,
          )
          .join("")}</Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
    }
    if (operation === "ListStackResources") {
      const { resources = [] } = stacks.find(({ name }) => name === form.get("StackName")) ?? {};
      const { items, next: token } = page(resources, form.get("NextToken"));
      return xml(
        `<ListStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><ListStackResourcesResult><StackResourceSummaries>${items
          .map(
            ({ type, id }) =>
              `<member><ResourceType>${type}</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId><LogicalResourceId>L</LogicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>`,
          )
          .join("")}</StackResourceSummaries>${next(token)}</ListStackResourcesResult></ListStackResourcesResponse>`,
      );
    }
    return undefined;
  };
}
