import { type Service, xml, xmlError } from "./aws.ts";

export interface FakeDistribution {
  service: Service;
  /** The whole configuration, as CloudFront tells it. */
  config: string;
  /** What some of the edges still do, while a change is on its way. */
  formerConfig: string | undefined;
  /** So often it is asked for until all edges have the change. */
  deploysIn: number;
}

const header = /(<HeaderName>x-laurel-origin-secret<\/HeaderName>\s*<HeaderValue>)([^<]*)(<\/HeaderValue>)/g;

/** The secrets that a configuration sends, by origin. */
export const sentBy = (config: string): string[] => [...config.matchAll(header)].map((match) => match[2]!);
export const sending = (config: string, secret: string): string => config.replaceAll(header, `$1${secret}$3`);

/** Everything of a configuration but the secret, in an order of its own: whoever changes the secret changes nothing else. */
export const restOf = (config: string): string[] =>
  [
    ...sending(config, "-")
      .replaceAll(/>\s+</g, "><")
      .matchAll(/<(\w+)>([^<]*)<\/\1>|<(\w+)\/>/g),
  ]
    .map((match) => `${match[1] ?? match[3]}=${match[2] ?? ""}`)
    .sort();

/** A distribution: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html */
export function fakeDistribution(id: string, secret: string): FakeDistribution {
  const fake: FakeDistribution = {
    config: configWith(secret),
    formerConfig: undefined,
    deploysIn: 0,
    service: ({ method, path, headers, body }) => {
      const [, asked, part] = /^\/2020-05-31\/distribution\/([^/?]+)(\/config)?$/.exec(path) ?? [];
      if (!asked) return undefined;
      if (asked !== id) return xmlError("NoSuchDistribution", "The specified distribution does not exist.", 404);
      const etag = `E${hash(fake.config)}`;
      if (method === "GET" && part) return xml(fake.config, { etag });
      if (method === "GET") {
        if (fake.deploysIn > 0) fake.deploysIn -= 1;
        if (fake.deploysIn === 0) fake.formerConfig = undefined;
        return xml(
          `<Distribution><Id>${id}</Id><ARN>arn:aws:cloudfront::111122223333:distribution/${id}</ARN><Status>${fake.deploysIn > 0 ? "InProgress" : "Deployed"}</Status><LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime><InProgressInvalidationBatches>0</InProgressInvalidationBatches><DomainName>d111.cloudfront.net</DomainName>${fake.config}</Distribution>`,
          { etag },
        );
      }
      if (headers["if-match"] !== etag) return xmlError("PreconditionFailed", "The precondition failed.", 412);
      fake.formerConfig = fake.config;
      fake.config = body.replace(/^<\?xml[^>]*\?>\s*/, "").replace(/ xmlns="[^"]*"/g, "");
      fake.deploysIn = 3;
      return xml(`<Distribution><Id>${id}</Id><Status>InProgress</Status>${fake.config}</Distribution>`, {
        etag: `E${hash(fake.config)}`,
      });
    },
  };
  return fake;
}

const hash = (text: string): string =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7).toString(36);

const origin = (id: string, secret: string | undefined) =>
  `<Origin><Id>${id}</Id><DomainName>${id}.lambda-url.eu-central-1.on.aws</DomainName><OriginPath></OriginPath><CustomHeaders>${
    secret === undefined
      ? "<Quantity>0</Quantity>"
      : `<Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>x-laurel-origin-secret</HeaderName><HeaderValue>${secret}</HeaderValue></OriginCustomHeader></Items>`
  }</CustomHeaders><CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>https-only</OriginProtocolPolicy><OriginSslProtocols><Quantity>1</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol></Items></OriginSslProtocols><OriginReadTimeout>30</OriginReadTimeout><OriginKeepaliveTimeout>5</OriginKeepaliveTimeout></CustomOriginConfig><ConnectionAttempts>3</ConnectionAttempts><ConnectionTimeout>10</ConnectionTimeout><OriginShield><Enabled>false</Enabled></OriginShield><OriginAccessControlId></OriginAccessControlId></Origin>`;

const configWith = (secret: string): string =>
  `<DistributionConfig><CallerReference>ref</CallerReference><Aliases><Quantity>1</Quantity><Items><CNAME>friends.example.com</CNAME></Items></Aliases><DefaultRootObject>index.html</DefaultRootObject><Origins><Quantity>4</Quantity><Items>${[
    "api",
    "webhook",
    "redirect",
  ]
    .map((id) => origin(id, secret))
    .join(
      "",
    )}${origin("portal", undefined)}</Items></Origins><OriginGroups><Quantity>0</Quantity></OriginGroups><DefaultCacheBehavior><TargetOriginId>portal</TargetOriginId><ViewerProtocolPolicy>redirect-to-https</ViewerProtocolPolicy><AllowedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items><CachedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items></CachedMethods></AllowedMethods><SmoothStreaming>false</SmoothStreaming><Compress>true</Compress><LambdaFunctionAssociations><Quantity>0</Quantity></LambdaFunctionAssociations><FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation><FunctionARN>arn:aws:cloudfront::111122223333:function/viewer</FunctionARN><EventType>viewer-request</EventType></FunctionAssociation></Items></FunctionAssociations><FieldLevelEncryptionId></FieldLevelEncryptionId><CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId></DefaultCacheBehavior><CacheBehaviors><Quantity>0</Quantity></CacheBehaviors><CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses><Comment>Laurel prod</Comment><Logging><Enabled>false</Enabled><IncludeCookies>false</IncludeCookies><Bucket></Bucket><Prefix></Prefix></Logging><PriceClass>PriceClass_100</PriceClass><Enabled>true</Enabled><ViewerCertificate><CloudFrontDefaultCertificate>false</CloudFrontDefaultCertificate><ACMCertificateArn>arn:aws:acm:us-east-1:111122223333:certificate/0</ACMCertificateArn><SSLSupportMethod>sni-only</SSLSupportMethod><MinimumProtocolVersion>TLSv1.2_2021</MinimumProtocolVersion></ViewerCertificate><Restrictions><GeoRestriction><RestrictionType>none</RestrictionType><Quantity>0</Quantity></GeoRestriction></Restrictions><WebACLId></WebACLId><HttpVersion>http2and3</HttpVersion><IsIPV6Enabled>true</IsIPV6Enabled></DistributionConfig>`;
