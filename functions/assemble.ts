import type { SecretsGateway } from "@laurel/core/gateway/secrets";
import {
  type Actor,
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
  SHOPIFY_API_BASE?: string | undefined;
  WOO_API_BASE?: string | undefined;
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

/** Puts a runtime together. `keys` is looked at for each context, since a deployed function reads it anew now and then. */
export function assemble(env: Env, gateways: Context["gateways"], parts: Omit<Parts, "secrets">): Runtime {
  const { log, metrics = noMetrics, now = () => new Date() } = parts;
  const { newId = idMaker(now), table = tableOf(env, parts.metrics) } = parts;
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

export const tableOf = (env: Pick<Env, "TABLE_NAME" | "DYNAMODB_ENDPOINT">, metrics: Metrics | undefined): Table =>
  openTable({
    tableName: env.TABLE_NAME,
    endpoint: env.DYNAMODB_ENDPOINT,
    onRetry: metrics && ((times) => metrics.record("ThrottledRetries", times)),
  });
