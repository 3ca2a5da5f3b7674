import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import * as z from "zod";

/** The functions of a deployment, by their short names. */
export const functionNames = [
  "api",
  "webhook",
  "redirect",
  "rollups",
  "effects",
  "minute",
  "day",
  "feedback",
  "alarm",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** What CloudWatch Logs takes; anything else is refused in the middle of a deployment. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922];

const text = z.string().trim();
const onOff = text.transform((value, check) => {
  if (["on", "true", "1", "yes"].includes(value.toLowerCase())) return true;
  if (["off", "false", "0", "no", ""].includes(value.toLowerCase())) return false;
  check.addIssue({ code: "custom", message: "is on or off" });
  return z.NEVER;
});
const host = (message: string) =>
  z
    .string({ error: message })
    .trim()
    .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, message);
/** The domain in small letters, as mail is sent: IAM and SES compare what stands here letter by letter. */
const address = (message: string) =>
  z
    .string({ error: message })
    .trim()
    .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i, message)
    .transform((text) => text.replace(/@.*$/, (domain) => domain.toLowerCase()));

/** `api=20,webhook=10` → `{ api: 20, webhook: 10 }` */
const perFunction = text.transform((value, check) => {
  const found: Partial<Record<FunctionName, number>> = {};
  for (const part of value.split(",").map((each) => each.trim())) {
    const [, name = "", count = ""] = /^([a-z]+)=(\d{1,4})$/.exec(part) ?? [];
    if (!functionNames.includes(name as FunctionName) || Number(count) < 1) {
      check.addIssue({
        code: "custom",
        message: `has the form webhook=20,redirect=20 with the functions ${functionNames.join(", ")}; not "${part}"`,
      });
      return z.NEVER;
    }
    found[name as FunctionName] = Number(count);
  }
  return found;
});

/**
 * Every setting of a deployment. They come from the environment or, which is easier to keep, from a file beside
 * `sst.config.ts`: `.env.<stage>` (one stage) or `.env` (all stages). None of them is a secret.
 *
 * | setting | says | if absent |
 * |---|---|---|
 * | `LAUREL_REGION` | the AWS region that holds everything | `AWS_REGION`, or `--region` |
 * | `LAUREL_MAIL_FROM` | the plain address that mail comes from | it must be set |
 * | `LAUREL_ALERT_EMAIL` | who is told when something is wrong, and when the budget is used up | it must be set |
 * | `LAUREL_SENDER_EXISTS` | `on`: the sender is known to SES already, by another stage or by hand, and is left alone | it is made |
 * | `LAUREL_DOMAIN` | the host name of the portal and of links, such as `friends.example.com` | CloudFront's own name |
 * | `LAUREL_HOSTED_ZONE`, `LAUREL_HOSTED_ZONE_ID` | the Route 53 zone in which the domain's records and its certificate's are made | records are made by hand |
 * | `LAUREL_CERTIFICATE_ARN` | a certificate of ACM in us-east-1 for the domain, if its zone is not at Route 53 | one is made in the zone |
 * | `LAUREL_SLACK` | `on`: alarms go to the Slack webhook that setup stored, too | off |
 * | `LAUREL_RUNBOOK_URL` | where `docs/alarms.md` can be read, such as your fork's page; alarms link to it | they name the file |
 * | `LAUREL_BUDGET_USD` | a month's budget for this deployment; mail at 80 % and when it will be passed | 20 |
 * | `LAUREL_WAF` | `on`: a web application firewall with rate rules, about 8 USD a month | off |
 * | `LAUREL_RESERVED_CONCURRENCY` | instances kept for functions, such as `webhook=20,redirect=20`; a new account has 10 in all and refuses them | none |
 * | `LAUREL_LOG_RETENTION_DAYS` | how long logs are kept | 30 |
 * | `LAUREL_TABLE`, `LAUREL_TABLE_STREAM_ARN` | a table that exists already, after a restore or a removal; see the runbook | a table of its own |
 */
const settings = z.object({
  LAUREL_MAIL_FROM: address("is the plain address that mail comes from, such as hello@example.com"),
  LAUREL_ALERT_EMAIL: address("is the address that alarms are sent to, such as you@example.com"),
  LAUREL_SENDER_EXISTS: onOff.default(false),
  LAUREL_DOMAIN: host("is a host name in small letters, such as friends.example.com").optional(),
  LAUREL_HOSTED_ZONE: host("is the name of the Route 53 zone, such as example.com").optional(),
  LAUREL_HOSTED_ZONE_ID: text
    .regex(/^Z[A-Z0-9]{5,31}$/, "is the id of the Route 53 zone, such as Z0123456789ABCDEFGHIJ")
    .optional(),
  LAUREL_CERTIFICATE_ARN: text
    .regex(
      /^arn:aws:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]{36}$/,
      "is the ARN of a certificate in us-east-1, the only region from which CloudFront takes one",
    )
    .optional(),
  LAUREL_SLACK: onOff.default(false),
  LAUREL_RUNBOOK_URL: text
    .regex(/^https:\/\/[^\s|<>#"]{4,200}$/, "is where docs/alarms.md can be read, an https address")
    .optional(),
  LAUREL_BUDGET_USD: text
    .regex(/^\d{1,6}(\.\d{1,2})?$/, "is an amount in US dollars, such as 20")
    .transform(Number)
    .refine((usd) => usd >= 1, "is at least 1")
    .default(20),
  LAUREL_WAF: onOff.default(false),
  LAUREL_RESERVED_CONCURRENCY: perFunction.default({}),
  LAUREL_LOG_RETENTION_DAYS: text
    .transform(Number)
    .refine((days) => retentionDays.includes(days), `is one of ${retentionDays.join(", ")}`)
    .default(30),
  LAUREL_TABLE: text.regex(/^[A-Za-z0-9_.-]{3,255}$/, "is the name of a DynamoDB table").optional(),
  LAUREL_TABLE_STREAM_ARN: text
    .regex(
      /^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table\/[A-Za-z0-9_.-]+\/stream\/[0-9T:.-]+$/,
      "is the LatestStreamArn that aws dynamodb describe-table shows",
    )
    .optional(),
});

/** A deployment as its owner wants it. */
export interface Config {
  stage: string;
  region: string;
  mailFrom: string;
  alertEmail: string;
  /** SES knows the sender already; the deployment leaves it alone. */
  senderExists: boolean;
  /** Where `docs/alarms.md` can be read, without an anchor. */
  runbookUrl: string | undefined;
  /** The portal's host name, its certificate and its zone; undefined for CloudFront's own name. */
  domain: { name: string; certificateArn: string | undefined } | undefined;
  /** The Route 53 zone in which records may be made; mail's too, where the sender is in it. */
  hostedZone: { name: string; id: string } | undefined;
  slack: boolean;
  budgetUsd: number;
  waf: boolean;
  /** Instances kept for a function; absent for one that takes from what the account has. */
  reservedConcurrency: Partial<Record<FunctionName, number>>;
  logRetentionDays: number;
  /** A table that exists already and is taken as it is. */
  table: { name: string; streamArn: string } | undefined;
}

/** A configuration that cannot be deployed. The message lists everything that is wrong, each with the setting's name. */
export class ConfigError extends Error {
  override name = "ConfigError";
  /** One sentence a fault. */
  readonly faults: readonly string[];
  constructor(stage: string, faults: readonly string[]) {
    super(
      `The stage ${stage} cannot be deployed as it is set up. Nothing was created.\n\n${faults
        .map((fault) => `  - ${fault}`)
        .join("\n")}\n\nSet these in .env.${stage} or in the environment. stacks/config.ts lists all settings.\n`,
    );
    this.faults = faults;
  }
}

/**
 * Reads and checks what a deployment is to be.
 * @param env the environment, after the files of {@link environmentOf}
 * @throws ConfigError that lists everything that is wrong, so that one look is enough
 */
export function readConfig({ stage, region }: { stage: string; region: string }, env: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  // Names of functions, buckets and queues are made from it, and all have limits of their own.
  if (!/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/.test(stage))
    faults.push(
      `The stage's name has 2 to 20 small letters, digits and hyphens and begins with a letter; not "${stage}".`,
    );
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    faults.push(`LAUREL_REGION is an AWS region such as eu-central-1; not "${region}".`);
  else if (/^(cn|us-gov|us-iso)/.test(region))
    faults.push(`LAUREL_REGION: CloudFront is not available beside ${region}; choose another region.`);

  const set = Object.fromEntries(Object.keys(settings.shape).map((name) => [name, env[name]?.trim() || undefined]));
  const parsed = settings.safeParse(set);
  if (!parsed.success)
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      faults.push(set[name] === undefined ? `${name} is not set. It ${issue.message}.` : `${name} ${issue.message}.`);
    }
  faults.push(...misfits(set, region));
  if (faults.length > 0 || !parsed.success) throw new ConfigError(stage, faults);

  const it = parsed.data;
  return {
    stage,
    region,
    mailFrom: it.LAUREL_MAIL_FROM,
    alertEmail: it.LAUREL_ALERT_EMAIL,
    senderExists: it.LAUREL_SENDER_EXISTS,
    runbookUrl: it.LAUREL_RUNBOOK_URL,
    domain: it.LAUREL_DOMAIN && { name: it.LAUREL_DOMAIN, certificateArn: it.LAUREL_CERTIFICATE_ARN },
    hostedZone:
      it.LAUREL_HOSTED_ZONE && it.LAUREL_HOSTED_ZONE_ID
        ? { name: it.LAUREL_HOSTED_ZONE, id: it.LAUREL_HOSTED_ZONE_ID }
        : undefined,
    slack: it.LAUREL_SLACK,
    budgetUsd: it.LAUREL_BUDGET_USD,
    waf: it.LAUREL_WAF,
    reservedConcurrency: it.LAUREL_RESERVED_CONCURRENCY,
    logRetentionDays: it.LAUREL_LOG_RETENTION_DAYS,
    table:
      it.LAUREL_TABLE && it.LAUREL_TABLE_STREAM_ARN
        ? { name: it.LAUREL_TABLE, streamArn: it.LAUREL_TABLE_STREAM_ARN }
        : undefined,
  } as Config;
}

/** Settings that are right alone and wrong together. */
function* misfits(set: Record<string, string | undefined>, region: string): Generator<string> {
  const { LAUREL_DOMAIN: domain, LAUREL_HOSTED_ZONE: zone, LAUREL_CERTIFICATE_ARN: certificate } = set;
  if (!zone !== !set.LAUREL_HOSTED_ZONE_ID)
    yield "LAUREL_HOSTED_ZONE and LAUREL_HOSTED_ZONE_ID belong together; set both or neither.";
  if (domain && !zone && !certificate)
    yield "LAUREL_DOMAIN needs LAUREL_HOSTED_ZONE and LAUREL_HOSTED_ZONE_ID, or LAUREL_CERTIFICATE_ARN where its zone is not at Route 53.";
  if (domain && zone && domain !== zone && !domain.endsWith(`.${zone}`))
    yield `LAUREL_DOMAIN (${domain}) is not in the zone LAUREL_HOSTED_ZONE (${zone}).`;
  if (certificate && !domain) yield "LAUREL_CERTIFICATE_ARN is of no use without LAUREL_DOMAIN.";
  const { LAUREL_TABLE: table, LAUREL_TABLE_STREAM_ARN: stream } = set;
  if (!table !== !stream) yield "LAUREL_TABLE and LAUREL_TABLE_STREAM_ARN belong together; set both or neither.";
  if (table && stream && !stream.includes(`:${region}:`))
    yield `LAUREL_TABLE_STREAM_ARN is of another region than ${region}.`;
  if (table && stream && !stream.includes(`:table/${table}/`))
    yield `LAUREL_TABLE_STREAM_ARN is not the stream of LAUREL_TABLE (${table}).`;
}

/**
 * The environment of a stage: the process's own, overridden by the files beside `sst.config.ts`, the later by the earlier
 * last: `.env`, `.env.local`, `.env.<stage>`, `.env.<stage>.local`. The same order as SST's, which reads them only after it
 * asked for the region.
 * @param folder where `sst.config.ts` is
 */
export function environmentOf(
  stage: string | undefined,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const files = [".env", ".env.local", ...(stage ? [`.env.${stage}`, `.env.${stage}.local`] : [])];
  return Object.assign(
    { ...env },
    ...files
      .map((file) => join(folder, file))
      .filter((file) => existsSync(file))
      .map((file) => parseEnv(readFileSync(file, "utf8"))),
  );
}

/** The region that a stage is deployed to unless `--region` says another one; undefined where nothing says it. */
export const regionOf = (env: NodeJS.ProcessEnv): string | undefined =>
  env.LAUREL_REGION || env.AWS_REGION || undefined;

const configs = new WeakMap<object, Config>();
/** Makes the configuration known to the stacks of an app, which come after. */
export function provideConfig(app: object, config: Config): void {
  configs.set(app, config);
}
/** The configuration of the app that a stack belongs to. */
export function configOf(app: object): Config {
  const config = configs.get(app);
  if (!config) throw new Error("provideConfig comes before the first stack");
  return config;
}
