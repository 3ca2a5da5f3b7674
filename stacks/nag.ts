import { CfnResource } from "aws-cdk-lib/core";
import type { IConstruct } from "constructs";

/**
 * Says why something that cdk-nag objects to is right as it is. The reason stands in the template, beside the resource.
 * @param of the resource, or a construct with all of its resources
 * @param findings where a rule has several, only these: `Resource::*`, `Action::s3:*`, or what matches
 */
export function accept(
  of: IConstruct,
  rule: `AwsSolutions-${string}`,
  reason: string,
  findings?: readonly (string | RegExp)[],
) {
  for (const resource of of.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    const before = resource.getMetadata("cdk_nag")?.rules_to_suppress ?? [];
    const applies_to = findings?.map((it) => (typeof it === "string" ? it : { regex: String(it) }));
    const added = { id: rule, reason, ...(applies_to && { applies_to }) };
    resource.addMetadata("cdk_nag", { rules_to_suppress: [...before, added] });
  }
}
