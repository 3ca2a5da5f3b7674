import { AppError } from "../../kernel/errors.ts";
import { checkSize } from "./port.ts";
import type { Store } from "./store.ts";

export interface ParametersConfig {
  /** The stage's folder in the parameter store, such as `/laurel/prod`. */
  prefix: string;
  /** Only for a store that is not AWS's own; loopback or a test. */
  endpoint?: string | undefined;
  region?: string | undefined;
  /** Told when an old value serves on because the store does not answer. */
  onStale?: ((name: string, error: unknown) => void) | undefined;
  /** Epoch ms; the real clock unless a test says otherwise. */
  nowMs?: () => number;
}

/**
 * A stage's parameters in AWS Systems Manager Parameter Store, each under a name behind the prefix. Read when they are first
 * needed; many who want the same ask once.
 */
export interface Parameters {
  /**
   * A parameter's value, at most five minutes old, or undefined where there is none.
   *
   * While the store does not answer, a value serves on for an hour since it was read. Without that, a few throttled calls
   * would turn away webhooks and sign-ins that are right; with more, a secret that was withdrawn would be good for longer
   * than an outage usually lasts. An answer always counts, also that there is no such parameter.
   * @throws AppError unavailable when the store does not answer and nothing is remembered
   */
  find(name: string): Promise<string | undefined>;
  /** The same, read anew unless that was done in the last minute. */
  refresh(name: string): Promise<string | undefined>;
  /** The value at this moment, whatever is remembered. @throws AppError unavailable when the store does not answer */
  latest(name: string): Promise<string | undefined>;
  /** Writes an encrypted parameter (SecureString under the account's own key for it), in place of what is there. */
  put(name: string, value: string): Promise<void>;
  /** Deletes a parameter; nothing happens where there is none. */
  remove(name: string): Promise<void>;
  /** A parameter's full name, for messages. */
  nameOf(name: string): string;
}

const freshMs = 5 * 60_000;
/** What does not exist may be made at any moment. */
const missingMs = 5_000;
const outageMs = 60 * 60_000;
/** While the store does not answer, it is asked again after so long, so that not every caller waits for it. */
const askAgainMs = 5_000;
const refreshMs = 60_000;

interface Kept {
  value: string | undefined;
  readAt: number;
  goodUntil: number;
}

/** Opens a stage's parameters. Nothing is loaded or sent until the first is needed. */
export function openParameters({ prefix, endpoint, region, onStale, nowMs = Date.now }: ParametersConfig): Parameters {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<string | undefined>>();
  const refreshedAt = new Map<string, number>();
  const nameOf = (name: string) => `${prefix}/${name}`;
  let connecting: Promise<Store> | undefined;
  const store = () => {
    // With the first parameter, so that who needs none does not pay for the SDK.
    connecting ??= import("./store.ts").then(({ connect }) => connect({ endpoint, region }));
    connecting.catch(() => {
      connecting = undefined;
    });
    return connecting;
  };

  async function ask(name: string): Promise<string | undefined> {
    // From before the question: what was read may have changed while it was on its way.
    const readAt = nowMs();
    try {
      const value = await (await store()).get(nameOf(name));
      kept.set(name, { value, readAt, goodUntil: readAt + (value === undefined ? missingMs : freshMs) });
      return value;
    } catch (error) {
      const before = kept.get(name);
      if (before?.value === undefined || readAt - before.readAt > outageMs) throw asAppError(error);
      onStale?.(nameOf(name), error);
      before.goodUntil = nowMs() + askAgainMs;
      return before.value;
    }
  }

  function askOnce(name: string): Promise<string | undefined> {
    let answer = asking.get(name);
    if (!answer) {
      answer = ask(name).finally(() => asking.delete(name));
      asking.set(name, answer);
    }
    return answer;
  }

  const find = async (name: string): Promise<string | undefined> => {
    const known = kept.get(name);
    return known && nowMs() < known.goodUntil ? known.value : askOnce(name);
  };

  return {
    nameOf,
    find,
    refresh: async (name) => {
      const since = nowMs() - (refreshedAt.get(name) ?? Number.NEGATIVE_INFINITY);
      // Whoever comes while it is being read waits for that.
      if (since < refreshMs && !asking.has(name)) return find(name);
      if (since >= refreshMs) refreshedAt.set(name, nowMs());
      return askOnce(name);
    },
    latest: async (name) => {
      const readAt = nowMs();
      try {
        const value = await (await store()).get(nameOf(name));
        kept.set(name, { value, readAt, goodUntil: readAt + (value === undefined ? missingMs : freshMs) });
        return value;
      } catch (error) {
        throw asAppError(error);
      }
    },
    remove: async (name) => {
      try {
        await (await store()).remove(nameOf(name));
      } catch (error) {
        throw asAppError(error);
      }
      kept.delete(name);
    },
    put: async (name, value) => {
      checkSize(value);
      const writtenAt = nowMs();
      try {
        await (await store()).put(nameOf(name), value);
      } catch (error) {
        throw asAppError(error);
      }
      kept.set(name, { value, readAt: writtenAt, goodUntil: writtenAt + freshMs });
    },
  };
}

/** The SDK's error repeats the request it was about; what names the failure is enough. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { name = "Error", $metadata } = error as Partial<Error> & {
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  return new AppError(
    "unavailable",
    "secrets.unavailable",
    "The store of secrets does not answer. Nothing was lost; try again in a moment.",
    {
      retryAfterMs: 5000,
      cause: new Error([name, $metadata?.httpStatusCode, $metadata?.requestId].filter(Boolean).join(" ")),
    },
  );
}
