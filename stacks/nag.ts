import { CfnResource } from "aws-cdk-lib/core";
import type { IConstruct } from "constructs";

/**
 * Says why something that cdk-nag objects to is right as it is. The reason stands in the template, beside the resource.
 * @param of the resource, or a construct with all of its resources
 * @param findings where a rule has several, only these: `Resource::*`, `Action::s3:*`
 */
export function accept(of: IConstruct, rule: `AwsSolutions-${string}`, reason: string, findings?: readonly string[]) {
  for (const resource of of.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    const before = resource.getMetadata("cdk_nag")?.rules_to_suppress ?? [];
    const added = { id: rule, reason, ...(findings && { applies_to: findings }) };
    resource.addMetadata("cdk_nag", { rules_to_suppress: [...before, added] });
  }
}
