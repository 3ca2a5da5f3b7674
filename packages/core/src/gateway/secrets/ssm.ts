import { AppError } from "../../kernel/errors.ts";
import type { Parameters } from "./parameters.ts";
import type { ConnectionSecrets, SecretsGateway } from "./port.ts";

/** The secrets of each connection as one encrypted parameter, `<prefix>/connections/<id>`, JSON. */
export function createSecretsGateway(parameters: Parameters): SecretsGateway {
  const nameOf = (connectionId: string): string => {
    // Whoever asks for anything else has skipped the program; a slash would lead to another folder.
    if (!/^con_[0-9a-z]{26}$/.test(connectionId)) throw none(connectionId);
    return `connections/${connectionId}`;
  };
  const read = (connectionId: string, text: string | undefined): ConnectionSecrets => {
    if (text === undefined) throw none(connectionId);
    return parse(text) ?? damaged(connectionId);
  };
  return {
    ofConnection: async (connectionId) => read(connectionId, await parameters.find(nameOf(connectionId))),
    refresh: async (connectionId) => read(connectionId, await parameters.refresh(nameOf(connectionId))),
    latestOfConnection: async (connectionId) => {
      const text = await parameters.latest(nameOf(connectionId));
      return text === undefined ? undefined : read(connectionId, text);
    },
    deleteConnection: async (connectionId) => parameters.remove(nameOf(connectionId)),
    putConnection: async (connectionId, secrets) => parameters.put(nameOf(connectionId), JSON.stringify(secrets)),
  };
}

function parse(text: string): ConnectionSecrets | undefined {
  try {
    const secrets = JSON.parse(text) as ConnectionSecrets;
    const texts = [secrets.apiKey, ...secrets.webhookSecrets];
    return texts.every((each) => typeof each === "string" && each !== "") ? secrets : undefined;
  } catch {
    return undefined;
  }
}

const none = (connectionId: string) =>
  new AppError(
    "unavailable",
    "connection.secrets",
    `There are no secrets for ${connectionId}. Connect this checkout again in the portal.`,
  );

function damaged(connectionId: string): never {
  throw new AppError(
    "unavailable",
    "connection.secrets",
    `The secrets of ${connectionId} cannot be read. Connect this checkout again in the portal.`,
  );
}
