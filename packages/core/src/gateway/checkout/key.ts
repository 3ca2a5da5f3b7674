import { AppError } from "../../kernel/errors.ts";
import type { SecretsGateway } from "../secrets/port.ts";

/**
 * Works with a connection's key. One that the shop does not accept is read anew and tried once more, since it may just have
 * been changed.
 * @param refused the code of an error that means a key which is not accepted
 */
export async function withKey<T>(
  secrets: SecretsGateway,
  connectionId: string,
  refused: string,
  work: (apiKey: string) => Promise<T>,
): Promise<T> {
  const { apiKey } = await secrets.ofConnection(connectionId);
  try {
    return await work(apiKey);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== refused) throw error;
    const fresh = (await secrets.refresh(connectionId)).apiKey;
    if (fresh === apiKey) throw error;
    return work(fresh);
  }
}
