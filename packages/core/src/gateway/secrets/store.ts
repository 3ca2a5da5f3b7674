import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

/** The calls of the parameter store that are needed. They fail with the SDK's own errors. */
export interface Store {
  /** By full name, decrypted; undefined where there is no such parameter. */
  get(name: string): Promise<string | undefined>;
  /** Encrypted, in place of what is there. */
  put(name: string, value: string): Promise<void>;
  /** Whether there was one or not. */
  remove(name: string): Promise<void>;
}

/**
 * A file of its own, imported when it is needed: what is imported by name is all of the SDK that comes along.
 * @param endpoint only for a store that is not AWS's own
 */
export function connect({ endpoint, region }: { endpoint?: string | undefined; region?: string | undefined }): Store {
  const client = new SSMClient({
    ...(endpoint
      ? { endpoint, region: region ?? "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } }
      : region
        ? { region }
        : {}),
    // A checkout waits for five seconds at most.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, throwOnRequestTimeout: true },
  });
  return {
    get: async (Name) => {
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
        return Parameter?.Value;
      } catch (error) {
        if ((error as Error).name === "ParameterNotFound") return undefined;
        throw error;
      }
    },
    put: async (Name, Value) => {
      await client.send(new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true }));
    },
    remove: async (Name) => {
      try {
        await client.send(new DeleteParameterCommand({ Name }));
      } catch (error) {
        if ((error as Error).name !== "ParameterNotFound") throw error;
      }
    },
  };
}
