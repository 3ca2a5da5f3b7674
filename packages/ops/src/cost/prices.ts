export const regions = ["eu-central-1", "us-east-1"] as const;
export type Region = (typeof regions)[number];

export interface Price {
  what: string;
  /** What a price is for: `1,000,000 requests`. */
  per: string;
  /** How many of the usage's units that is. */
  units: number;
  /** US dollars. */
  usd: Readonly<Record<Region, number>>;
  /** What an account has each month without end and without paying, in the usage's units. */
  free: number;
  /** The page that says so. */
  source: string;
}

/**
 * When the list prices below were last known, by year and month. AWS changes them, mostly downwards: check them before you
 * reckon with them. Prices are without taxes.
 */
export const pricesAsOf = "2025-11";

const both = (usd: number): Price["usd"] => ({ "eu-central-1": usd, "us-east-1": usd });
const lambda = "https://aws.amazon.com/lambda/pricing/";
const dynamo = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const front = "https://aws.amazon.com/cloudfront/pricing/";
const watch = "https://aws.amazon.com/cloudwatch/pricing/";
const million = 1_000_000;

/** List prices of what a deployment uses. */
export const prices = {
  lambdaRequests: {
    what: "Lambda: calls",
    per: "1,000,000",
    units: million,
    usd: both(0.2),
    free: million,
    source: lambda,
  },
  lambdaGbS: {
    what: "Lambda: memory × time, arm64",
    per: "GB-second",
    units: 1,
    usd: both(0.0000133334),
    free: 400_000,
    source: lambda,
  },
  tableWrites: {
    what: "DynamoDB: write units, on demand",
    per: "1,000,000",
    units: million,
    usd: { "eu-central-1": 0.7625, "us-east-1": 0.625 },
    free: 0,
    source: dynamo,
  },
  tableReads: {
    what: "DynamoDB: read units, on demand",
    per: "1,000,000",
    units: million,
    usd: { "eu-central-1": 0.1525, "us-east-1": 0.125 },
    free: 0,
    source: dynamo,
  },
  tableGb: {
    what: "DynamoDB: stored",
    per: "GB and month",
    units: 1,
    usd: { "eu-central-1": 0.306, "us-east-1": 0.25 },
    free: 25,
    source: dynamo,
  },
  backupGb: {
    what: "DynamoDB: point-in-time recovery",
    per: "GB and month",
    units: 1,
    usd: { "eu-central-1": 0.2448, "us-east-1": 0.2 },
    free: 0,
    source: dynamo,
  },
  frontRequests: {
    what: "CloudFront: requests by TLS",
    per: "10,000",
    units: 10_000,
    usd: { "eu-central-1": 0.012, "us-east-1": 0.01 },
    free: 10 * million,
    source: front,
  },
  frontGb: { what: "CloudFront: sent to visitors", per: "GB", units: 1, usd: both(0.085), free: 1000, source: front },
  frontFunctions: {
    what: "CloudFront: functions at its edge",
    per: "1,000,000",
    units: million,
    usd: both(0.1),
    free: 2 * million,
    source: front,
  },
  logGb: {
    what: "CloudWatch: logs taken in",
    per: "GB",
    units: 1,
    usd: { "eu-central-1": 0.63, "us-east-1": 0.5 },
    free: 5,
    source: watch,
  },
  alarms: { what: "CloudWatch: alarms", per: "alarm and month", units: 1, usd: both(0.1), free: 10, source: watch },
  metrics: {
    what: "CloudWatch: metrics of our own",
    per: "metric and month",
    units: 1,
    usd: both(0.3),
    free: 10,
    source: watch,
  },
  dashboards: {
    what: "CloudWatch: dashboards",
    per: "dashboard and month",
    units: 1,
    usd: both(3),
    free: 3,
    source: watch,
  },
  traces: {
    what: "X-Ray: traces recorded",
    per: "1,000,000",
    units: million,
    usd: both(5),
    free: 100_000,
    source: "https://aws.amazon.com/xray/pricing/",
  },
  mails: {
    what: "SES: mail",
    per: "1,000",
    units: 1000,
    usd: both(0.1),
    free: 0,
    source: "https://aws.amazon.com/ses/pricing/",
  },
  schedules: {
    what: "EventBridge: scheduled runs",
    per: "1,000,000",
    units: million,
    usd: both(1),
    free: 14 * million,
    source: "https://aws.amazon.com/eventbridge/pricing/",
  },
  decrypts: {
    what: "KMS: secrets decrypted, by AWS's own key",
    per: "10,000",
    units: 10_000,
    usd: both(0.03),
    free: 20_000,
    source: "https://aws.amazon.com/kms/pricing/",
  },
  filesGb: {
    what: "S3: the portal's files",
    per: "GB and month",
    units: 1,
    usd: { "eu-central-1": 0.0245, "us-east-1": 0.023 },
    free: 0,
    source: "https://aws.amazon.com/s3/pricing/",
  },
} as const satisfies Record<string, Price>;
export type PriceId = keyof typeof prices;

/** What a deployment has only where its owner wants it. */
export const extras: readonly { what: string; setting: string; usd: string; source: string }[] = [
  {
    what: "Web application firewall",
    setting: "LAUREL_WAF=on",
    usd: "5.00 a month, 1.00 a rule and month, 0.60 for 1,000,000 requests",
    source: "https://aws.amazon.com/waf/pricing/",
  },
  {
    what: "A domain's zone at Route 53",
    setting: "LAUREL_HOSTED_ZONE",
    usd: "0.50 a month; its queries are free, for they lead to CloudFront. The domain itself: about 14 a year for .com",
    source: "https://aws.amazon.com/route53/pricing/",
  },
  {
    what: "Certificate of the domain",
    setting: "LAUREL_DOMAIN",
    usd: "free",
    source: "https://aws.amazon.com/certificate-manager/pricing/",
  },
  { what: "Alarms to Slack", setting: "LAUREL_SLACK=on", usd: "one more alarm: 0.10 a month", source: watch },
  {
    what: "A second stage in the same account",
    setting: "--stage test",
    usd: "its alarms and metrics are beyond the free ones: up to 4.70 a month",
    source: watch,
  },
  { what: "Reserved concurrency", setting: "LAUREL_RESERVED_CONCURRENCY", usd: "free", source: lambda },
  { what: "A restore of the table", setting: "see docs/runbook.md", usd: "0.15 to 0.18 a GB, once", source: dynamo },
];
