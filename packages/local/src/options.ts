import { resolve } from "node:path";
import { StartProblem } from "./problem.ts";

/** How this machine wants its Laurel. */
export interface Options {
  port: number;
  /** Where people reach the portal; without a trailing slash. */
  publicOrigin: string;
  /** Everything that is kept lives here. */
  folder: string;
  /** Whether the first start makes a demo brand, with people and a year of orders. */
  demo: boolean;
  /** Who owns an installation that starts empty. */
  ownerEmail: string;
  mailFrom: string;
  tableName: string;
  /** Another engine than our own. */
  dynamodbEndpoint: string | undefined;
  /** Another mail service than the inbox. */
  sesEndpoint: string | undefined;
}

/**
 * Reads the environment: PORT, PUBLIC_ORIGIN, LAUREL_DIR, LAUREL_DEMO, OWNER_EMAIL, MAIL_FROM, TABLE_NAME,
 * DYNAMODB_ENDPOINT, SES_ENDPOINT.
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
  return {
    port,
    publicOrigin: new URL(origin).origin,
    folder: resolve(env.LAUREL_DIR || ".laurel"),
    demo: env.LAUREL_DEMO !== "0",
    ownerEmail,
    mailFrom: env.MAIL_FROM || "ambassadors@example.com",
    tableName: env.TABLE_NAME || "laurel",
    dynamodbEndpoint: env.DYNAMODB_ENDPOINT || undefined,
    sesEndpoint: env.SES_ENDPOINT || undefined,
  };
}
