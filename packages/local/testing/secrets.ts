import type { ConnectionSecrets, SecretsGateway } from "@laurel/core/gateway/secrets";
import { AppError } from "@laurel/core/kernel";

/** Secrets in memory. @param of those of every connection that was not given its own */
export function secretsInMemory(of?: ConnectionSecrets): SecretsGateway & { kept: Map<string, ConnectionSecrets> } {
  const kept = new Map<string, ConnectionSecrets>();
  const ofConnection = async (connectionId: string): Promise<ConnectionSecrets> => {
    const found = kept.get(connectionId) ?? of;
    if (!found) throw new AppError("unavailable", "connection.secrets", `There are no secrets for ${connectionId}.`);
    return found;
  };
  return {
    kept,
    ofConnection,
    refresh: ofConnection,
    latestOfConnection: async (connectionId) => kept.get(connectionId) ?? of,
    putConnection: async (connectionId, secrets) => void kept.set(connectionId, secrets),
    deleteConnection: async (connectionId) => void kept.delete(connectionId),
  };
}
