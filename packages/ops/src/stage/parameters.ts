import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

export interface Parameter {
  value: string;
  arn: string;
}

/** The parameter store of one region. Secrets are read only where `find` is asked for them. */
export interface Parameters {
  /** @returns undefined where there is none of that name */
  find(name: string): Promise<Parameter | undefined>;
  /** Puts it where there is none of that name. @returns whether it did */
  create(name: string, value: string, more: { secret: boolean; description: string }): Promise<boolean>;
  /** Puts it over whatever is there. */
  replace(name: string, value: string, more: { secret: boolean; description: string }): Promise<void>;
}

/** Standard parameters with the key that AWS manages (aws/ssm): neither has a monthly price. */
export function openParameters(region: string): Parameters {
  const ssm = new SSMClient({ region });
  const put = (
    name: string,
    value: string,
    { secret, description }: { secret: boolean; description: string },
    overwrite: boolean,
  ) =>
    ssm.send(
      new PutParameterCommand({
        Name: name,
        Value: value,
        Type: secret ? "SecureString" : "String",
        Tier: "Standard",
        Description: description,
        Overwrite: overwrite,
      }),
    );
  return {
    find: async (name) => {
      try {
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
        return { value: Parameter?.Value ?? "", arn: Parameter?.ARN ?? "" };
      } catch (error) {
        if ((error as Error).name === "ParameterNotFound") return undefined;
        throw error;
      }
    },
    create: async (name, value, more) => {
      try {
        await put(name, value, more, false);
        return true;
      } catch (error) {
        if ((error as Error).name === "ParameterAlreadyExists") return false;
        throw error;
      }
    },
    replace: async (name, value, more) => {
      await put(name, value, more, true);
    },
  };
}
