import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CustomResource } from "aws-cdk-lib/core";
import type { Function as SstFunction, Stack } from "sst/constructs";
import { type Config, configOf } from "./config.ts";
import type { GlobalProperties } from "./global-handler.ts";
import { makeFunction } from "./lambda.ts";
import { accept } from "./nag.ts";
import { namesOf } from "./names.ts";

/** What CloudFront takes from us-east-1 alone. */
export interface GlobalParts {
  certificateArn: string | undefined;
  firewallArn: string | undefined;
}

/** What may be kept in us-east-1, each in a stack of its own. */
type Part = "Certificate" | "Firewall";

/**
 * A certificate in the domain's zone and a firewall, each only where the configuration wants one. They must lie in us-east-1,
 * and SST 2 deploys an app to one region: so a function of this stack keeps stacks there, whose templates are made here.
 * One for each of the two: what is switched off is in use until the distribution has let go of it. Its resource then leaves this
 * stack and is removed at the end of the deployment; out of a stack that stays it would go before, in vain, and cost on unseen.
 */
export function globalParts(stack: Stack): GlobalParts {
  const config = configOf(stack.node.root);
  const templates = templatesOf(config);
  const keeper = Object.keys(templates).length > 0 ? makeKeeper(stack, config) : undefined;
  const arnOf = (part: Part): string | undefined => {
    if (!keeper || !templates[part]) return undefined;
    const properties: GlobalProperties = {
      StackName: stackNameOf(config, part),
      Template: JSON.stringify(templates[part]),
      Tags: [
        { Key: "sst:app", Value: "laurel" },
        { Key: "sst:stage", Value: config.stage },
      ],
    };
    const made = new CustomResource(stack, `Global${part}`, {
      serviceToken: keeper.functionArn,
      resourceType: "Custom::Global",
      properties,
    });
    // Its rights are to be there when it is first asked, and still there when it is asked to remove.
    made.node.addDependency(keeper.role!);
    return made.getAttString("Arn");
  };
  return {
    certificateArn: config.domain?.certificateArn ?? arnOf("Certificate"),
    firewallArn: arnOf("Firewall"),
  };
}

const stackNameOf = ({ stage, region }: Config, part: Part): string => `${namesOf(stage).other(part)}-${region}`;

function makeKeeper(stack: Stack, config: Config): SstFunction {
  const keeper = makeFunction(stack, "global", {
    description: "Keeps the certificate and the firewall in us-east-1",
    handler: "stacks/global-handler.handler",
    memoryMb: 256,
    timeoutS: 900,
    environment: {},
    may: mayOf(stack, config),
  });
  accept(
    keeper.role!,
    "AwsSolutions-IAM5",
    "Ids of certificates, of firewalls and of changes to a zone are AWS's to choose; kind, region, account and the names that we choose are set.",
  );
  return keeper;
}

interface GlobalTemplate {
  Resources: Record<string, { Type: string; Properties: object }>;
}

/** @returns the templates of the stacks in us-east-1 that are wanted */
export function templatesOf(config: Config): Partial<Record<Part, GlobalTemplate>> {
  const { domain, hostedZone, waf } = config;
  return {
    ...(domain &&
      !domain.certificateArn &&
      hostedZone && {
        Certificate: templateOf(
          config,
          "Certificate",
          {
            Type: "AWS::CertificateManager::Certificate",
            Properties: {
              DomainName: domain.name,
              ValidationMethod: "DNS",
              DomainValidationOptions: [{ DomainName: domain.name, HostedZoneId: hostedZone.id }],
            },
          },
          { Ref: "Certificate" },
        ),
      }),
    ...(waf && {
      Firewall: templateOf(
        config,
        "Firewall",
        {
          Type: "AWS::WAFv2::WebACL",
          Properties: {
            Name: firewallName(config),
            Scope: "CLOUDFRONT",
            DefaultAction: { Allow: {} },
            // Not "all": AWS keeps that name of a metric for itself.
            VisibilityConfig: seen("firewall"),
            Rules: [
              rate(0, "sign-in", 100, path("STARTS_WITH", "/api/auth/")),
              // To apply, not to review: whoever decides about applications has many.
              rate(1, "apply", 100, { AndStatement: { Statements: [path("EXACTLY", "/api/applications"), posted] } }),
              // Shops send their webhooks in bursts and from few addresses, and prove who they are by signature.
              rate(2, "any", 3000, { NotStatement: { Statement: path("STARTS_WITH", "/webhooks/") } }),
            ],
          },
        },
        { "Fn::GetAtt": ["Firewall", "Arn"] },
      ),
    }),
  };
}

const templateOf = (
  { stage, region }: Config,
  part: Part,
  resource: GlobalTemplate["Resources"][string],
  arn: object,
) => ({
  AWSTemplateFormatVersion: "2010-09-09",
  Description: `Laurel (${stage}): what CloudFront takes from us-east-1 alone. Kept by ${namesOf(stage).other("global")} in ${region}.`,
  Resources: { [part]: resource },
  Outputs: { Arn: { Value: arn } },
});

const firewallName = ({ stage, region }: Config): string => `${namesOf(stage).other("firewall")}-${region}`;

/** Refuses an address that asks more often than this within five minutes, until it asks less. */
const rate = (Priority: number, Name: string, Limit: number, ScopeDownStatement: object) => ({
  Priority,
  Name,
  Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
  Statement: { RateBasedStatement: { AggregateKeyType: "IP", EvaluationWindowSec: 300, Limit, ScopeDownStatement } },
  VisibilityConfig: seen(Name),
});

const path = (PositionalConstraint: "EXACTLY" | "STARTS_WITH", SearchString: string) => ({
  ByteMatchStatement: {
    FieldToMatch: { UriPath: {} },
    PositionalConstraint,
    SearchString,
    // As the functions read it: %61pi is api.
    TextTransformations: [{ Priority: 0, Type: "URL_DECODE" }],
  },
});

const posted = {
  ByteMatchStatement: {
    FieldToMatch: { Method: {} },
    PositionalConstraint: "EXACTLY",
    SearchString: "POST",
    TextTransformations: [{ Priority: 0, Type: "NONE" }],
  },
};

/** Without samples: they would keep addresses and cookies of people. */
const seen = (MetricName: string) => ({ CloudWatchMetricsEnabled: true, MetricName, SampledRequestsEnabled: false });

/**
 * What the function may do in us-east-1: to its stacks, and through them to what is in their templates. To both kinds, whichever
 * is wanted: what is switched off is removed after the rights have been changed.
 */
export function mayOf(stack: Pick<Stack, "formatArn">, config: Config): PolicyStatement[] {
  const arn = (service: string, resource: string, resourceName: string) =>
    stack.formatArn({ service, region: "us-east-1", resource, resourceName });
  const free = (service: string, resource: string, resourceName: string) =>
    stack.formatArn({ service, region: "", account: "", resource, resourceName });
  return [
    new PolicyStatement({
      actions: ["CreateStack", "UpdateStack", "DeleteStack", "DescribeStacks", "DescribeStackEvents"].map(
        (action) => `cloudformation:${action}`,
      ),
      resources: (["Certificate", "Firewall"] as const).map((part) =>
        arn("cloudformation", "stack", `${stackNameOf(config, part)}/*`),
      ),
    }),
    // It has no id before it is requested.
    new PolicyStatement({ actions: ["acm:RequestCertificate"], resources: ["*"] }),
    new PolicyStatement({
      actions: ["DescribeCertificate", "DeleteCertificate", "AddTagsToCertificate", "ListTagsForCertificate"].map(
        (action) => `acm:${action}`,
      ),
      resources: [arn("acm", "certificate", "*")],
    }),
    ...(config.hostedZone
      ? [
          new PolicyStatement({
            actions: ["route53:ChangeResourceRecordSets", "route53:GetHostedZone"],
            resources: [free("route53", "hostedzone", config.hostedZone.id)],
          }),
          new PolicyStatement({ actions: ["route53:GetChange"], resources: [free("route53", "change", "*")] }),
        ]
      : []),
    new PolicyStatement({
      actions: [
        "CreateWebACL",
        "GetWebACL",
        "UpdateWebACL",
        "DeleteWebACL",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
      ].map((action) => `wafv2:${action}`),
      resources: [arn("wafv2", "global/webacl", `${firewallName(config)}/*`)],
    }),
  ];
}
