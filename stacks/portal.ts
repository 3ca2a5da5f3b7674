import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { FunctionUrlOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { FunctionUrl } from "aws-cdk-lib/aws-lambda";
import { CfnRecordSet } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Annotations, Duration } from "aws-cdk-lib/core";
import { type Stack, type StackContext, use } from "sst/constructs";
import { type Config, configOf } from "./config.ts";
import { answerHeaders, portalHeaders } from "./front-headers.ts";
import { globalParts } from "./global.ts";
import { Http } from "./http.ts";
import { accept } from "./nag.ts";
import { portalBucket } from "./portal-files.ts";
import { originSecret, parameter } from "./secrets.ts";
import { portalPage, viewerAddress } from "./viewer.ts";

/** Every code whose caching CloudFront lets us set; by itself it would answer with an old error for ten seconds. */
const errorCodes = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * The one front door: the portal from a private bucket, and the API, webhooks and links from their functions, all of one origin.
 * What functions answer is never cached, and requests reach them as they were sent, but for the host's name.
 */
export function Portal({ stack, app }: StackContext): { distribution: Distribution } {
  const { api, webhook, redirect } = use(Http);
  const config = configOf(app);
  const { domain } = config;
  const { certificateArn, firewallArn } = globalParts(stack);
  const bucket = portalBucket(stack);

  const toFunction = functionBehavior(stack);
  const distribution = new Distribution(stack, "Front", {
    comment: `Laurel (${stack.stage}): portal, API, webhooks and links`,
    httpVersion: HttpVersion.HTTP2_AND_3,
    // CloudFront's own name has a certificate, and a minimum, of its own.
    ...(domain && {
      domainNames: [domain.name],
      certificate: Certificate.fromCertificateArn(stack, "Certificate", certificateArn!),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }),
    ...(firewallArn && { webAclId: firewallArn }),
    defaultRootObject: "index.html",
    defaultBehavior: portalBehavior(stack, bucket),
    additionalBehaviors: {
      "/api/*": toFunction(api),
      "/webhooks/*": toFunction(webhook),
      // A link may be typed without its https, and is only ever opened.
      "/r/*": {
        ...toFunction(redirect),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      },
    },
    errorResponses: errorCodes.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
  });
  acceptFront(distribution, config);

  const origin = `https://${domain?.name ?? distribution.distributionDomainName}`;
  if (domain) pointDomain(stack, domain.name, distribution);
  new StringParameter(stack, "PublicOrigin", {
    parameterName: parameter(stack.stage, "public-origin"),
    description: "Where people reach the portal",
    stringValue: origin,
  });
  stack.addOutputs({ Url: origin });
  return { distribution };
}

function portalBehavior(stack: Stack, bucket: Bucket): BehaviorOptions {
  return {
    // To list is what makes S3 answer 404 rather than 403 for a file that is not there; no query ever reaches it.
    origin: S3BucketOrigin.withOriginAccessControl(bucket, {
      originAccessControl: new S3OriginAccessControl(stack, "PortalAccess", {
        // Names are one for all regions of an account.
        originAccessControlName: `${stack.stackName}-${stack.region}`,
      }),
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
    cachePolicy: new CachePolicy(stack, "PortalCache", {
      comment: "As the files say, the page not at all",
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    }),
    compress: true,
    responseHeadersPolicy: portalHeaders(stack),
    functionAssociations: [onRequest(stack, "PortalPage", portalPage)],
  };
}

/** How requests travel to a function: whole, compressed by nobody on the way, with the secret that shows that they came this way. */
function functionBehavior(stack: Stack): (url: FunctionUrl) => BehaviorOptions {
  const common = {
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    compress: false,
    responseHeadersPolicy: answerHeaders(stack),
    functionAssociations: [onRequest(stack, "ViewerAddress", viewerAddress)],
  };
  const customHeaders = { "x-laurel-origin-secret": originSecret(stack.stage) };
  return (url) => ({ ...common, origin: new FunctionUrlOrigin(url, { customHeaders }) });
}

const onRequest = (stack: Stack, id: string, code: string) => ({
  eventType: FunctionEventType.VIEWER_REQUEST,
  function: new EdgeFunction(stack, id, { code: FunctionCode.fromInline(code), runtime: FunctionRuntime.JS_2_0 }),
});

/** Where the zone is not ours to write, says which record its owner is to make. */
function pointDomain(stack: Stack, name: string, distribution: Distribution): void {
  const { hostedZone } = configOf(stack.node.root);
  if (!hostedZone) {
    stack.addOutputs({ DomainRecord: `${name} CNAME ${distribution.distributionDomainName}` });
    return;
  }
  for (const type of ["A", "AAAA"])
    new CfnRecordSet(stack, `Domain${type}`, {
      hostedZoneId: hostedZone.id,
      name,
      type,
      aliasTarget: {
        dnsName: distribution.distributionDomainName,
        hostedZoneId: CloudFrontTarget.CLOUDFRONT_ZONE_ID,
      },
    });
}

function acceptFront(distribution: Distribution, { domain, waf }: Config): void {
  Annotations.of(distribution).acknowledgeWarning(
    "@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk",
    "The address / is the portal's page, and no query reaches the bucket, so nobody is shown a list.",
  );
  accept(
    distribution,
    "AwsSolutions-CFR3",
    "Access logs would keep the addresses of everybody who visits. Functions log each request without; CloudFront counts the rest.",
  );
  accept(distribution, "AwsSolutions-CFR1", "Ambassadors live anywhere; no country is shut out.");
  if (!waf)
    accept(
      distribution,
      "AwsSolutions-CFR2",
      "A firewall costs about 8 USD a month, idle or not, so it is the owner's choice (LAUREL_WAF).",
    );
  if (!domain)
    accept(
      distribution,
      "AwsSolutions-CFR4",
      "Without a domain of its own the certificate is CloudFront's, and so is its minimum. With one it is TLS 1.2.",
    );
}
