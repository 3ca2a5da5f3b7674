import { createSecretsGateway, openParameters, type Parameters } from "@laurel/core/gateway/secrets";
import { AppError, errorOf, type Keys } from "@laurel/core/kernel";
import type { Env, Parts, Runtime } from "./assemble.ts";
import type { Telemetry } from "./invocation.ts";
import { setting, settings } from "./settings.ts";

/** The secrets of which one proves that a request came through the front door; see `origin.ts`. */
export const originSecrets = (): string => settings("ORIGIN_SECRETS").ORIGIN_SECRETS;

/** The stage's parameters. */
export function parametersOf(telemetry: () => Telemetry): Parameters {
  const { log } = telemetry();
  return openParameters({
    prefix: settings("PARAMETERS").PARAMETERS,
    endpoint: setting("SSM_ENDPOINT"),
    onStale: (parameter, error) => log.warn("parameter.stale", { parameter, ...errorOf(error) }),
  });
}

/**
 * A value that is made when it is first needed and then kept. A try that failed is not kept: the next one begins anew, since
 * a function's process outlives most of what may be wrong at its start.
 */
export function kept<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/**
 * A runtime from the environment and the stage's parameters, awaited once an invocation: the keys are read anew every five
 * minutes.
 * @throws AppError unavailable where a parameter is missing (the log says which, and what makes it) or cannot be read
 */
export function starting(
  telemetry: () => Telemetry,
  make: (env: Env, parts: Parts) => Runtime,
): () => Promise<Runtime> {
  const started = kept(async () => {
    const { log, metrics } = telemetry();
    const parameters = parametersOf(telemetry);
    const stage = setting("STAGE") ?? "<stage>";
    const read = async <T>(name: string, command: string, parse: (text: string) => T | undefined): Promise<T> => {
      const parameter = parameters.nameOf(name);
      const text = await parameters.find(name);
      const value = text === undefined ? undefined : parse(text);
      if (value !== undefined) return value;
      log.error(text === undefined ? "parameter.missing" : "parameter.unreadable", { parameter, command });
      throw new AppError(
        "unavailable",
        "runtime.not_ready",
        `The parameter ${parameter} ${text === undefined ? "does not exist" : "cannot be read"}. Make it with: ${command}`,
        { retryAfterMs: 30_000 },
      );
    };
    const readKeys = () => read("keys", `npm run setup -- --stage ${stage}`, keysIn);
    let [keys, PUBLIC_ORIGIN] = await Promise.all([
      readKeys(),
      setting("PUBLIC_ORIGIN") ?? read("public-origin", `npx sst deploy --stage ${stage}`, originIn),
    ]);
    const env: Env = {
      ...settings("TABLE_NAME", "MAIL_FROM"),
      PUBLIC_ORIGIN,
      MAIL_CONFIGURATION_SET: setting("MAIL_CONFIGURATION_SET"),
      DYNAMODB_ENDPOINT: setting("DYNAMODB_ENDPOINT"),
      SES_ENDPOINT: setting("SES_ENDPOINT"),
      STRIPE_API_BASE: setting("STRIPE_API_BASE"),
      SHOPIFY_API_BASE: setting("SHOPIFY_API_BASE"),
      WOO_API_BASE: setting("WOO_API_BASE"),
    };
    const runtime = make(env, {
      secrets: createSecretsGateway(parameters),
      get keys() {
        return keys;
      },
      log,
      metrics,
    });
    return {
      runtime,
      refresh: async () => {
        keys = await readKeys();
      },
    };
  });
  return async () => {
    const { runtime, refresh } = await started();
    await refresh();
    return runtime;
  };
}

/** Some of a whole; to look for anything else in it is an error that says so, and not an undefined that fails elsewhere. */
export function only<T extends object>(some: Partial<T>): T {
  return new Proxy(some, {
    get: (target, name) => {
      if (!Reflect.has(target, name)) throw new Error(`This function was not given ${String(name)}`);
      return Reflect.get(target, name);
    },
  }) as T;
}

function keysIn(text: string): Keys | undefined {
  try {
    const { version, email, link } = JSON.parse(text) as Keys;
    const all = [version, email, link];
    return all.every((each) => typeof each === "string" && each !== "") ? { version, email, link } : undefined;
  } catch {
    return undefined;
  }
}

const originIn = (text: string): string | undefined => URL.parse(text)?.origin;
