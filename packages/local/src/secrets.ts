import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ConnectionSecrets, checkSize, type SecretsGateway } from "@laurel/core/gateway/secrets";
import { AppError, type Keys } from "@laurel/core/kernel";
import { writeJson } from "./file.ts";
import { fileReason, StartProblem } from "./problem.ts";

/** `given`: put here by the portal; the others were made with the installation. */
type StoredSecrets = ConnectionSecrets & { given?: boolean };

interface Stored {
  keys: Keys;
  connections: Record<string, StoredSecrets>;
}

/** What this installation keeps secret, made once and kept in `secrets.json`, which only its user may read. */
export interface LocalSecrets extends SecretsGateway {
  keys: Keys;
  /** Whether Stripe's own keys were given from outside, so that the real Stripe is meant. */
  realStripe: boolean;
  /** Whether this installation has had a program before: its folder is not a new one. */
  used: boolean;
  /** Makes the secrets of a connection that has none yet. */
  ensure(connectionId: string): ConnectionSecrets;
}

const word = (bytes: number): string => randomBytes(bytes).toString("base64url");
const letters = (bytes: number): string => randomBytes(bytes).toString("hex");

/**
 * Opens the secrets of a folder.
 * @throws StartProblem where they cannot be read: made anew, they would open nothing that was kept with the old ones
 * @param env STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET (several with commas between) stand in for what was made
 */
export function openSecrets(folder: string, env: Record<string, string | undefined> = process.env): LocalSecrets {
  const path = join(folder, "secrets.json");
  const found = read(path);
  const stored: Stored = found ?? {
    keys: { version: "k1", email: word(32), link: word(32) },
    connections: {},
  };
  const keep = () => writeJson(path, stored, { mode: 0o600 });
  if (!found) keep();
  const apiKey = env.STRIPE_SECRET_KEY?.trim() || undefined;
  const webhookSecrets = env.STRIPE_WEBHOOK_SECRET?.split(",").flatMap((secret) => secret.trim() || []);
  const withOverrides = ({ given, ...made }: StoredSecrets): ConnectionSecrets =>
    given
      ? made
      : {
          apiKey: apiKey ?? made.apiKey,
          webhookSecrets: webhookSecrets?.length ? webhookSecrets : made.webhookSecrets,
        };
  const ofConnection = async (connectionId: string): Promise<ConnectionSecrets> => {
    const made = stored.connections[connectionId];
    if (!made) throw new AppError("unavailable", "connection.secrets", `There are no secrets for ${connectionId}.`);
    return withOverrides(made);
  };
  return {
    keys: stored.keys,
    realStripe: apiKey !== undefined,
    used: found !== undefined && Object.keys(found.connections).length > 0,
    ensure: (connectionId) => {
      if (!stored.connections[connectionId]) {
        stored.connections[connectionId] = {
          apiKey: `sk_test_${letters(16)}`,
          webhookSecrets: [`whsec_${letters(16)}`],
        };
        keep();
      }
      return withOverrides(stored.connections[connectionId]);
    },
    ofConnection,
    refresh: ofConnection,
    latestOfConnection: async (connectionId) => {
      const made = stored.connections[connectionId];
      return made && withOverrides(made);
    },
    putConnection: async (connectionId, secrets) => {
      checkSize(JSON.stringify(secrets));
      stored.connections[connectionId] = { ...secrets, given: true };
      keep();
    },
    deleteConnection: async (connectionId) => {
      delete stored.connections[connectionId];
      keep();
    },
  };
}

function read(path: string): Stored | undefined {
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new StartProblem(`${path} cannot be read: ${fileReason(error) ?? (error as Error).message}.`, error);
  }
  try {
    const stored = JSON.parse(text) as Stored;
    if (stored.keys.email && stored.keys.link && stored.connections) return stored;
  } catch {
    // Told below.
  }
  throw new StartProblem(
    `${path} is damaged. It holds the keys to the data beside it: put a copy back, e.g. npm run restore <file>.`,
  );
}
