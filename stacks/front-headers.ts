import { CfnResponseHeadersPolicy } from "aws-cdk-lib/aws-cloudfront";
import type { Stack } from "sst/constructs";
import { pageHeaders } from "../web/headers.ts";

/** Two years, as the browsers' preload lists ask for. */
const transport = { accessControlMaxAgeSec: 63_072_000, includeSubdomains: true };

/** Headers by their lower-case names. */
type Headers = Readonly<Record<string, string>>;

/** For pages: the table that one machine uses too. S3 sends none of these itself. */
export const portalHeaders = (stack: Stack): CfnResponseHeadersPolicy =>
  policy(stack, "PortalHeaders", pageHeaders, { override: true });

/**
 * For what functions answer: they have headers of their own, some of them stricter or with a page's own policy; these fill what
 * is absent, also where CloudFront itself answers in a function's place.
 */
export const answerHeaders = (stack: Stack): CfnResponseHeadersPolicy =>
  policy(
    stack,
    "AnswerHeaders",
    {
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    },
    { override: false },
  );

function policy(stack: Stack, id: string, headers: Headers, { override }: { override: boolean }) {
  const {
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": contentTypeOptions,
    "x-frame-options": frameOption,
    "referrer-policy": referrerPolicy,
    ...others
  } = headers;
  return new CfnResponseHeadersPolicy(stack, id, {
    responseHeadersPolicyConfig: {
      // Names are one for all regions of an account.
      name: `${stack.stackName}-${stack.region}-${id}`,
      securityHeadersConfig: {
        strictTransportSecurity: { ...transport, override },
        ...(contentSecurityPolicy && { contentSecurityPolicy: { contentSecurityPolicy, override } }),
        ...(contentTypeOptions && { contentTypeOptions: { override } }),
        ...(frameOption && { frameOptions: { frameOption, override } }),
        ...(referrerPolicy && { referrerPolicy: { referrerPolicy, override } }),
      },
      ...(Object.keys(others).length > 0 && {
        customHeadersConfig: {
          items: Object.entries(others).map(([header, value]) => ({ header, value, override })),
        },
      }),
    },
  });
}
