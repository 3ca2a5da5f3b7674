import { AppError } from "../../kernel/errors.ts";

/** What a checkout connection keeps secret. Several webhook secrets are valid at once while one is being rolled. */
export interface ConnectionSecrets {
  apiKey: string;
  webhookSecrets: string[];
}

/** Stands in the place of a key that was deleted, where the webhook secrets are kept. It opens nothing. */
export const noKey = "deleted";

/** Ask only for connections that the program has: an id out of a request's path must never reach the store. */
export interface SecretsGateway {
  /**
   * What is kept for a connection; it may be up to five minutes old.
   * @throws AppError unavailable when the store does not answer or holds nothing under that connection.
   */
  ofConnection(connectionId: string): Promise<ConnectionSecrets>;
  /**
   * The same, read anew where that was not done in the last minute: for a signature or a key that does not hold, since a
   * secret may just have been rolled.
   * @throws AppError as `ofConnection`
   */
  refresh(connectionId: string): Promise<ConnectionSecrets>;
  /**
   * The same as it is kept at this moment; undefined where nothing is. For whoever is about to change it, and no one else.
   * @throws AppError unavailable when the store does not answer
   */
  latestOfConnection(connectionId: string): Promise<ConnectionSecrets | undefined>;
  /**
   * Keeps what a connection needs, in place of what was there. This process knows it at once, others within five minutes.
   * @throws AppError invalid when it is more than the store takes, unavailable when the store does not answer
   */
  putConnection(connectionId: string, secrets: ConnectionSecrets): Promise<void>;
  /**
   * Forgets what is kept for a connection, for good; nothing happens where nothing is. Other processes may know it for
   * five minutes more.
   * @throws AppError unavailable when the store does not answer
   */
  deleteConnection(connectionId: string): Promise<void>;
}

/** What a parameter of the standard tier may have, which costs nothing. */
const mostBytes = 4096;

/** @throws AppError invalid when a secret, as it is stored, is larger than any store of ours takes */
export function checkSize(value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes > mostBytes)
    throw new AppError("invalid", "secrets.too_large", `Secrets have at most ${mostBytes} bytes, not ${bytes}.`);
}
