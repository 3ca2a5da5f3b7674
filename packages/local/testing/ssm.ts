import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

type Json = Record<string, unknown>;

interface StoredParameter {
  Name: string;
  Type: "String" | "StringList" | "SecureString";
  Value: string;
  Version: number;
}

/** How the store answers instead of doing what it is asked. */
export type Trouble = "throttled" | "down" | "silent" | "forbidden";

/**
 * AWS Systems Manager Parameter Store as far as Laurel and its scripts use it, on loopback: JSON 1.1 as in
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/. It is open to everybody and forgets at its end.
 */
export interface FakeSsm {
  endpoint: string;
  /** By full name. A test may look and write. */
  parameters: Map<string, StoredParameter>;
  /** Writes a parameter from behind, as a person at the console would. */
  set(name: string, value: string, type?: StoredParameter["Type"]): void;
  /** Every request, oldest first: `GetParameter /laurel/test/keys`. */
  calls: string[];
  /** What is wrong with it from now on; undefined for nothing. */
  trouble: Trouble | undefined;
  close(): Promise<void>;
}

class Refusal extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

const namePattern = /^[a-zA-Z0-9_.\-/]{1,1011}$/;

export async function openSsm(): Promise<FakeSsm> {
  const parameters: FakeSsm["parameters"] = new Map();
  const set: FakeSsm["set"] = (Name, Value, Type = "SecureString") => {
    parameters.set(Name, { Name, Value, Type, Version: (parameters.get(Name)?.Version ?? 0) + 1 });
  };
  const shown = ({ Value, ...it }: StoredParameter, decrypt: unknown): Json => ({
    ...it,
    Value: it.Type === "SecureString" && decrypt !== true ? `AQICAHh${Buffer.from(Value).toString("hex")}` : Value,
    ARN: `arn:aws:ssm:eu-central-1:123456789012:parameter${it.Name}`,
    DataType: "text",
    LastModifiedDate: 1_750_000_000,
  });

  const actions: Record<string, (input: Json) => Json> = {
    GetParameter: ({ Name, WithDecryption }) => {
      const found = parameters.get(String(Name));
      if (!found) throw new Refusal("ParameterNotFound", "");
      return { Parameter: shown(found, WithDecryption) };
    },
    GetParameters: ({ Names, WithDecryption }) => {
      const names = Names as string[];
      if (names.length < 1 || names.length > 10) throw new Refusal("ValidationException", "Names has 1 to 10 members");
      return {
        Parameters: names.flatMap((name) => parameters.get(name) ?? []).map((each) => shown(each, WithDecryption)),
        InvalidParameters: names.filter((name) => !parameters.has(name)),
      };
    },
    GetParametersByPath: ({ Path, Recursive, WithDecryption, MaxResults = 10, NextToken }) => {
      if (Number(MaxResults) > 10) throw new Refusal("ValidationException", "MaxResults is 10 at most");
      const folder = `${String(Path).replace(/\/$/, "")}/`;
      const all = [...parameters.values()]
        .filter(({ Name }) => Name.startsWith(folder) && (Recursive || !Name.slice(folder.length).includes("/")))
        .sort((a, b) => a.Name.localeCompare(b.Name));
      const from = Number(NextToken ?? 0);
      const to = from + Number(MaxResults);
      return {
        Parameters: all.slice(from, to).map((each) => shown(each, WithDecryption)),
        ...(to < all.length ? { NextToken: String(to) } : {}),
      };
    },
    PutParameter: ({ Name, Value, Type, Overwrite, Tier = "Standard" }) => {
      if (typeof Name !== "string" || !namePattern.test(Name))
        throw new Refusal("ValidationException", `Parameter name: can't be prefixed with or contain that: ${Name}`);
      const before = parameters.get(Name);
      if (before && Overwrite !== true)
        throw new Refusal("ParameterAlreadyExists", "The parameter already exists. To overwrite it, set Overwrite.");
      if (!before && Type === undefined) throw new Refusal("ValidationException", "A parameter type is required.");
      if (typeof Value !== "string" || Value === "") throw new Refusal("ValidationException", "A value is required.");
      if (Buffer.byteLength(Value) > (Tier === "Advanced" ? 8192 : 4096))
        throw new Refusal(
          "ValidationException",
          "Standard tier parameters support a maximum value of 4096 characters.",
        );
      set(Name, Value, (Type as StoredParameter["Type"]) ?? before?.Type);
      return { Version: parameters.get(Name)!.Version, Tier };
    },
    DeleteParameter: ({ Name }) => {
      if (!parameters.delete(String(Name))) throw new Refusal("ParameterNotFound", "");
      return {};
    },
  };

  const troubles: Record<Exclude<Trouble, "silent">, Refusal> = {
    throttled: new Refusal("ThrottlingException", "Rate exceeded"),
    down: new Refusal("InternalServerError", "An error occurred on the server side.", 500),
    forbidden: new Refusal(
      "AccessDeniedException",
      "User: arn:aws:sts::123456789012:assumed-role/laurel is not authorized",
    ),
  };

  const fake: FakeSsm = {
    endpoint: "",
    parameters,
    set,
    calls: [],
    trouble: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  const answer = async (request: IncomingMessage): Promise<Json> => {
    const input = JSON.parse((await text(request)) || "{}") as Json;
    const action = /^AmazonSSM\.(\w+)$/.exec(String(request.headers["x-amz-target"]))?.[1] ?? "";
    fake.calls.push(`${action} ${String(input.Name ?? input.Names ?? input.Path)}`);
    if (!String(request.headers.authorization).includes("/ssm/aws4_request"))
      throw new Refusal("MissingAuthenticationTokenException", "Missing Authentication Token");
    if (fake.trouble === "silent") await sleep(60_000, undefined, { ref: false });
    else if (fake.trouble) throw troubles[fake.trouble];
    const does = actions[action];
    if (!does) throw new Refusal("UnknownOperationException", "");
    return does(input);
  };
  const server = createServer((request, response) => {
    const send = (status: number, body: Json) =>
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    answer(request).then(
      (body) => send(200, body),
      (error) =>
        error instanceof Refusal
          ? send(error.status, { __type: error.type, message: error.message })
          : send(500, { __type: "InternalServerError", message: String(error) }),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  fake.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}

async function text(request: IncomingMessage): Promise<string> {
  let read = "";
  for await (const part of request) read += part;
  return read;
}
