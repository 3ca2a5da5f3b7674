import { resolve } from "node:path";
import { StartProblem } from "./problem.ts";
import { type DemoName, isDemoName } from "./seed/demo-size.ts";

/** How this machine wants its Laurel. */
export interface Options {
  port: number;
  /** Where people reach the portal; without a trailing slash. */
  publicOrigin: string;
  /** Everything that is kept lives here. */
  folder: string;
  /** Which demo brand the first start makes, with people and a year of orders; none where it is undefined. */
  demo: DemoName | undefined;
  /** Who owns an installation that starts empty. */
  ownerEmail: string;
  mailFrom: string;
  tableName: string;
  /** Another engine than our own. */
  dynamodbEndpoint: string | undefined;
  /** Another mail service than the inbox. */
  sesEndpoint: string | undefined;
  /** Whether connections to Shopify and WooCommerce lead to real shops, not to those that are played here. */
  realShops: boolean;
}

/**
 * Reads the environment: PORT, PUBLIC_ORIGIN, LAUREL_DIR, LAUREL_DEMO, OWNER_EMAIL, MAIL_FROM, TABLE_NAME,
 * DYNAMODB_ENDPOINT, SES_ENDPOINT, REAL_SHOPS.
 * @throws StartProblem that names the variable which makes no sense
 */
export function readOptions(env: Record<string, string | undefined>): Options {
  const port = Number(env.PORT || 4747);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartProblem(`PORT is ${env.PORT}, which is no port. Use a number from 1 to 65535.`);
  const origin = env.PUBLIC_ORIGIN || `http://localhost:${port}`;
  if (!URL.canParse(origin) || !/^https?:$/.test(new URL(origin).protocol))
    throw new StartProblem(
      `PUBLIC_ORIGIN is ${origin}, which is no web address. It reads like https://ambassadors.example.com`,
    );
  const ownerEmail = env.OWNER_EMAIL || "owner@example.com";
  if (!/^[^\s@]+@[^\s@]+$/.test(ownerEmail))
    throw new StartProblem(`OWNER_EMAIL is ${ownerEmail}, which is no e-mail address.`);
  const named = env.LAUREL_DEMO || "1";
  const demo = named === "0" ? undefined : named === "1" ? "small" : named;
  if (demo !== undefined && !isDemoName(demo))
    throw new StartProblem(`LAUREL_DEMO is ${named}. Use 0 for no demo, 1 for a small one, or year for a big one.`);
  return {
    port,
    publicOrigin: new URL(origin).origin,
    folder: resolve(env.LAUREL_DIR || ".laurel"),
    demo,
    ownerEmail,
    mailFrom: env.MAIL_FROM || "ambassadors@example.com",
    tableName: env.TABLE_NAME || "laurel",
    dynamodbEndpoint: env.DYNAMODB_ENDPOINT || undefined,
    sesEndpoint: env.SES_ENDPOINT || undefined,
    realShops: env.REAL_SHOPS === "1",
  };
}
