import { createMailGateway } from "@laurel/core/gateway/mail";
import type { SecretsGateway } from "@laurel/core/gateway/secrets";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import {
  type Actor,
  AppError,
  type Context,
  idMaker,
  type Keys,
  type Log,
  type Metrics,
  type NewId,
  noMetrics,
} from "@laurel/core/kernel";
import { cachedProgram } from "@laurel/core/program";
import { openTable, type Table } from "@laurel/core/table";

/** The environment of every function, as the stack sets it and as a local start makes it up. */
export interface Env {
  TABLE_NAME: string;
  /** Where people reach the portal; without a trailing slash. */
  PUBLIC_ORIGIN: string;
  /** The sender's address of all mail. */
  MAIL_FROM: string;
  /** The mail service's configuration set, by whose events bounces and complaints are told; none on one's own machine. */
  MAIL_CONFIGURATION_SET?: string | undefined;
  /** Only for engines and services that are not AWS's own. */
  DYNAMODB_ENDPOINT?: string | undefined;
  SES_ENDPOINT?: string | undefined;
  /** Only for a stand-in: http://127.0.0.1:port */
  STRIPE_API_BASE?: string | undefined;
}

/** What differs between a machine of one's own, a test and AWS. */
export interface Parts {
  secrets: SecretsGateway;
  keys: Keys;
  log: Log;
  /** Nobody is told where there is none. */
  metrics?: Metrics;
  now?: () => Date;
  newId?: NewId;
  table?: Table;
  programMaxAgeMs?: number;
}

export interface Runtime {
  env: Env;
  log: Log;
  metrics: Metrics;
  table: Table;
  now: () => Date;
  newId: NewId;
  /** The context of one request or one event. */
  context(actor: Actor, more?: Partial<Pick<Context, "requestId" | "idempotency" | "silent">>): Context;
  /** Drops what is remembered of the program, after it was changed. */
  forgetProgram(): void;
}

export function createRuntime(env: Env, parts: Parts): Runtime {
  const { log, metrics = noMetrics } = parts;
  const table =
    parts.table ??
    openTable({
      tableName: env.TABLE_NAME,
      endpoint: env.DYNAMODB_ENDPOINT,
      onRetry: parts.metrics && ((times) => metrics.record("ThrottledRetries", times)),
    });
  const now = parts.now ?? (() => new Date());
  const newId = parts.newId ?? idMaker(now);
  const gateways = {
    secrets: parts.secrets,
    stripe: createStripeGateway({ secrets: parts.secrets, apiBase: env.STRIPE_API_BASE }),
    mail: createMailGateway({
      from: env.MAIL_FROM,
      configurationSet: env.MAIL_CONFIGURATION_SET,
      endpoint: env.SES_ENDPOINT,
    }),
  };
  const program = cachedProgram(table, parts.programMaxAgeMs);
  return {
    env,
    log,
    metrics,
    table,
    now,
    newId,
    context: (actor, more = {}) => ({
      actor,
      now,
      newId,
      table,
      gateways,
      log,
      metrics,
      keys: parts.keys,
      publicOrigin: env.PUBLIC_ORIGIN,
      requestId: more.requestId ?? newId("request"),
      idempotency: more.idempotency,
      program: program.get,
      silent: more.silent ?? false,
    }),
    forgetProgram: program.forget,
  };
}

let made: Runtime | undefined;
/** The runtime of a deployed function: read from the environment once, at the first event. */
export function runtime(): Runtime {
  made ??= fromProcess();
  return made;
}

function fromProcess(): Runtime {
  const { TABLE_NAME, PUBLIC_ORIGIN, MAIL_FROM } = process.env;
  if (!TABLE_NAME || !PUBLIC_ORIGIN || !MAIL_FROM)
    throw new Error("TABLE_NAME, PUBLIC_ORIGIN and MAIL_FROM must be set");
  throw new AppError("unavailable", "runtime.secrets", "The secrets of this deployment are not connected yet.");
}
