import { json, jsonError, type Service } from "./aws.ts";

interface Stored {
  value: string;
  type: string;
}

export interface FakeParameters {
  service: Service;
  stored: Map<string, Stored>;
}

/** Parameter store: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export function fakeParameters(region = "eu-central-1", account = "111122223333"): FakeParameters {
  const stored = new Map<string, Stored>();
  return {
    stored,
    service: ({ headers, operation, body }) => {
      if (!String(headers["x-amz-target"] ?? "").startsWith("AmazonSSM.")) return undefined;
      const input = JSON.parse(body);
      const found = stored.get(input.Name);
      if (operation === "GetParameter") {
        if (!found) return jsonError("ParameterNotFound", "");
        return json({
          Parameter: {
            Name: input.Name,
            Type: found.type,
            // Without decryption a SecureString is told in its encrypted form.
            Value: found.type === "SecureString" && !input.WithDecryption ? "AQICAHh…" : found.value,
            Version: 1,
            ARN: `arn:aws:ssm:${region}:${account}:parameter${input.Name}`,
            DataType: "text",
          },
        });
      }
      if (operation === "PutParameter") {
        if (found && !input.Overwrite)
          return jsonError(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
          );
        if (Buffer.byteLength(input.Value) > 4096)
          return jsonError(
            "ValidationException",
            "Standard tier parameters support a maximum parameter value of 4096 characters.",
          );
        stored.set(input.Name, { value: input.Value, type: input.Type });
        return json({ Tier: "Standard", Version: 1 });
      }
      return undefined;
    },
  };
}
