import { afterAll, beforeAll, expect, test } from "vitest";
import { pageHeaders } from "../web/headers.ts";
import { type Json, leastSettings, mostSettings, type Synth, synth } from "./synth.testing.ts";

let least: Synth;
let most: Synth;
beforeAll(async () => {
  least = await synth();
  most = await synth({ settings: mostSettings });
}, 60_000);
afterAll(() => {
  least.dispose();
  most.dispose();
});

const resources = (from: Synth, type: string): Json[] =>
  Object.values(from.template("Portal").Resources).filter(({ Type }) => Type === type);
const config = (from: Synth) => resources(from, "AWS::CloudFront::Distribution")[0].Properties.DistributionConfig;
const resolved = (from: Synth, value: Json): Json => from.template("Portal").Resources[value.Ref];
/** Managed by AWS: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewerExceptHostHeader = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

test("one distribution: HTTP/3, IPv6, no page of its own for anybody's errors", () => {
  expect(resources(least, "AWS::CloudFront::Distribution")).toHaveLength(1);
  const { CustomErrorResponses, ...it } = config(least);
  expect(it).toMatchObject({ HttpVersion: "http2and3", IPV6Enabled: true, Enabled: true });
  expect(CustomErrorResponses.map(({ ErrorCode }: Json) => ErrorCode)).toEqual([
    400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504,
  ]);
  for (const response of CustomErrorResponses)
    expect(response).toEqual({ ErrorCode: response.ErrorCode, ErrorCachingMinTTL: 0 });
});

test("webhooks, the API and links go to their functions as they were sent, and are never cached", () => {
  const { CacheBehaviors, Origins } = config(least);
  expect(CacheBehaviors.map(({ PathPattern }: Json) => PathPattern)).toEqual(["/api/*", "/webhooks/*", "/r/*"]);
  const urls = ["Api", "Webhook", "Redirect"];
  for (const [at, behavior] of CacheBehaviors.entries()) {
    expect(behavior).toMatchObject({
      CachePolicyId: cachingDisabled,
      OriginRequestPolicyId: allViewerExceptHostHeader,
      Compress: false,
      ViewerProtocolPolicy: behavior.PathPattern === "/r/*" ? "redirect-to-https" : "https-only",
    });
    const origin = Origins.find(({ Id }: Json) => Id === behavior.TargetOriginId);
    expect(JSON.stringify(origin.DomainName)).toContain(`${urls[at]}FunctionUrl`);
    expect(origin.CustomOriginConfig).toMatchObject({
      OriginProtocolPolicy: "https-only",
      OriginSSLProtocols: ["TLSv1.2"],
    });
    expect(origin.OriginCustomHeaders).toEqual([
      { HeaderName: "x-laurel-origin-secret", HeaderValue: "{{resolve:ssm:/laurel/prod/origin-secret}}" },
    ]);
    const [association, ...more] = behavior.FunctionAssociations;
    expect(more).toEqual([]);
    expect(association.EventType).toBe("viewer-request");
    expect(association.FunctionARN["Fn::GetAtt"][0]).toMatch(/^ViewerAddress/);
  }
  expect(CacheBehaviors[1].AllowedMethods).toContain("POST");
  expect(CacheBehaviors[2].AllowedMethods).toEqual(["GET", "HEAD"]);
});

test("everything else is the portal: compressed, cached as its files say, its page found for any address", () => {
  const { DefaultCacheBehavior: behavior, DefaultRootObject } = config(least);
  expect(DefaultRootObject).toBe("index.html");
  expect(behavior).toMatchObject({
    Compress: true,
    ViewerProtocolPolicy: "redirect-to-https",
    AllowedMethods: ["GET", "HEAD"],
  });
  expect(behavior.FunctionAssociations[0].FunctionARN["Fn::GetAtt"][0]).toMatch(/^PortalPage/);
  expect(resolved(least, behavior.CachePolicyId).Properties.CachePolicyConfig).toMatchObject({
    MinTTL: 0,
    DefaultTTL: 0,
    ParametersInCacheKeyAndForwardedToOrigin: {
      EnableAcceptEncodingBrotli: true,
      EnableAcceptEncodingGzip: true,
      CookiesConfig: { CookieBehavior: "none" },
      HeadersConfig: { HeaderBehavior: "none" },
      QueryStringsConfig: { QueryStringBehavior: "none" },
    },
  });
});

test("the bucket is private, encrypted, by TLS alone, and read by this distribution alone", () => {
  const [bucket, ...more] = resources(least, "AWS::S3::Bucket");
  expect(more).toEqual([]);
  expect(bucket.Properties).toMatchObject({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
  });
  expect(bucket.Properties.WebsiteConfiguration).toBeUndefined();
  const { Statement } = resources(least, "AWS::S3::BucketPolicy")[0].Properties.PolicyDocument;
  const [insecure, emptier, front, ...others] = Statement;
  expect(others).toEqual([]);
  expect(insecure).toMatchObject({
    Effect: "Deny",
    Action: "s3:*",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
  expect(emptier.Principal.AWS["Fn::GetAtt"][0]).toMatch(/^CustomS3AutoDeleteObjects/);
  expect(front).toMatchObject({
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:ListBucket"],
    Principal: { Service: "cloudfront.amazonaws.com" },
  });
  expect(JSON.stringify(front.Condition)).toMatch(/AWS:SourceArn.*:distribution\/.*Front/);
  expect(
    resources(least, "AWS::CloudFront::OriginAccessControl")[0].Properties.OriginAccessControlConfig,
  ).toMatchObject({
    OriginAccessControlOriginType: "s3",
    SigningBehavior: "always",
    SigningProtocol: "sigv4",
  });
});

/** A policy's headers by their lower-case names, with whether they replace what the origin sent. */
function headersOf(policy: Json): Record<string, { value: string | undefined; override: boolean }> {
  const { SecurityHeadersConfig: secure, CustomHeadersConfig } = policy.Properties.ResponseHeadersPolicyConfig;
  const { AccessControlMaxAgeSec, IncludeSubdomains, Preload } = secure.StrictTransportSecurity;
  const one = (part: Json, value: string | undefined) => ({ value, override: part.Override });
  return {
    "strict-transport-security": one(
      secure.StrictTransportSecurity,
      `max-age=${AccessControlMaxAgeSec}${IncludeSubdomains ? "; includeSubDomains" : ""}${Preload ? "; preload" : ""}`,
    ),
    "content-security-policy": one(secure.ContentSecurityPolicy, secure.ContentSecurityPolicy.ContentSecurityPolicy),
    "x-content-type-options": one(secure.ContentTypeOptions, "nosniff"),
    "x-frame-options": one(secure.FrameOptions, secure.FrameOptions.FrameOption),
    "referrer-policy": one(secure.ReferrerPolicy, secure.ReferrerPolicy.ReferrerPolicy),
    ...Object.fromEntries((CustomHeadersConfig?.Items ?? []).map((item: Json) => [item.Header, one(item, item.Value)])),
  };
}

test("a page carries the same headers as on one machine, and HSTS", () => {
  const headers = headersOf(resolved(least, config(least).DefaultCacheBehavior.ResponseHeadersPolicyId));
  const { "strict-transport-security": transport, ...others } = headers;
  expect(transport).toEqual({ value: "max-age=63072000; includeSubDomains", override: true });
  expect(others).toEqual(
    Object.fromEntries(Object.entries(pageHeaders).map(([name, value]) => [name, { value, override: true }])),
  );
});

test("no page may run or draw anything inline, be framed, or use a device", () => {
  const policy = pageHeaders["content-security-policy"]!;
  expect(policy).not.toMatch(/unsafe-|\*|https?:/);
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"])
    expect(policy.split("; ")).toContain(part);
  expect(pageHeaders).toMatchObject({ "x-frame-options": "DENY", "referrer-policy": "same-origin" });
  expect(pageHeaders["permissions-policy"]).toContain("camera=()");
});

test("what a function says of its own answer stands; what it leaves out is filled in", () => {
  const { CacheBehaviors } = config(least);
  for (const { ResponseHeadersPolicyId } of CacheBehaviors) {
    const headers = headersOf(resolved(least, ResponseHeadersPolicyId));
    expect(Object.keys(headers)).toHaveLength(5);
    for (const { override } of Object.values(headers)) expect(override).toBe(false);
    expect(headers["content-security-policy"]!.value).toBe("default-src 'none'; frame-ancestors 'none'");
  }
});

test("where the portal is reached is written where functions look for it", () => {
  const parameter = (from: Synth) => resources(from, "AWS::SSM::Parameter")[0].Properties;
  expect(parameter(least)).toMatchObject({ Name: "/laurel/prod/public-origin", Type: "String" });
  expect(JSON.stringify(parameter(least).Value)).toMatch(/https:\/\/.*Front.*DomainName/);
  expect(parameter(most).Value).toBe("https://friends.shop.example.com");
});

test("without a domain of one's own there is no certificate, no firewall and nothing in us-east-1", () => {
  const { Aliases, ViewerCertificate, WebACLId } = config(least);
  expect([Aliases, ViewerCertificate, WebACLId]).toEqual([undefined, undefined, undefined]);
  expect(least.functions.map(({ name }) => name)).not.toContain("global");
});

test("a domain of one's own has a certificate, TLS 1.2 at least, and its records; the firewall stands before it", () => {
  expect(config(most)).toMatchObject({
    Aliases: ["friends.shop.example.com"],
    ViewerCertificate: {
      AcmCertificateArn: { "Fn::GetAtt": ["GlobalCertificate", "Arn"] },
      MinimumProtocolVersion: "TLSv1.2_2021",
      SslSupportMethod: "sni-only",
    },
    WebACLId: { "Fn::GetAtt": ["GlobalFirewall", "Arn"] },
  });
  const records = resources(most, "AWS::Route53::RecordSet").map(({ Properties }) => Properties);
  expect(records.map(({ Type, Name, HostedZoneId }) => [Type, Name, HostedZoneId])).toEqual([
    ["A", "friends.shop.example.com", "Z0123456789ABCDEFGHIJ"],
    ["AAAA", "friends.shop.example.com", "Z0123456789ABCDEFGHIJ"],
  ]);
  expect(most.functions.find(({ name }) => name === "api")!.environment.PUBLIC_ORIGIN).toBe(
    "https://friends.shop.example.com",
  );
});

test("a certificate of one's own needs nothing in us-east-1, and the record to be made by hand is told", async () => {
  const arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
  const own = await synth({
    settings: { ...leastSettings, LAUREL_DOMAIN: "friends.example.com", LAUREL_CERTIFICATE_ARN: arn },
  });
  own.dispose();
  expect(config(own).ViewerCertificate.AcmCertificateArn).toBe(arn);
  expect(own.functions.map(({ name }) => name)).not.toContain("global");
  expect(resources(own, "AWS::Route53::RecordSet")).toEqual([]);
  expect(JSON.stringify(own.template("Portal").Outputs!.DomainRecord!.Value)).toMatch(
    /friends\.example\.com CNAME .*DomainName/,
  );
});
