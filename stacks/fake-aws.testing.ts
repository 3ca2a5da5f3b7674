import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One call that was made, in the order in which they came. */
export interface AwsCall {
  /** `cloudformation`, `sts`, `ssm`, `s3` */
  service: string;
  /** `CreateStack`, `AssumeRole`, …; for S3 the method. */
  action: string;
  /** The stack, the role, the parameters, or the path of an object. */
  subject: string;
}

export interface FakeAws {
  /** For AWS_ENDPOINT_URL. */
  url: string;
  calls: AwsCall[];
  /** Names of stacks that exist. */
  stacks: Set<string>;
  /** Objects by `/bucket/key`. */
  objects: Map<string, Buffer>;
  close(): Promise<void>;
}

/**
 * An AWS account as far as `sst deploy` and `sst remove` see one: it takes files and stacks and says that all went well. What it
 * does not show is whether CloudFormation would take the templates; other tests look at that.
 * @param parameters names of parameters that exist
 */
export async function openFakeAws({ parameters = [] }: { parameters?: readonly string[] } = {}): Promise<FakeAws> {
  const calls: AwsCall[] = [];
  const objects = new Map<string, Buffer>();
  const stacks = new Set(["CDKToolkit"]);
  const outputs: Record<string, Record<string, string>> = {
    CDKToolkit: { BootstrapVersion: "30", BucketName: "cdk-hnb659fds-assets-123456789012-eu-central-1" },
    SSTBootstrap: { Version: "7.4", BucketName: "sstbootstrap-fake" },
  };

  function query(form: URLSearchParams, answer: ServerResponse): void {
    const action = form.get("Action")!;
    const name = form.get("StackName") ?? "";
    const service = /Role|Identity/.test(action) ? "sts" : "cloudformation";
    calls.push({ service, action, subject: name || (form.get("RoleArn") ?? "") });
    const id = `<StackName>${name}</StackName><StackId>arn:aws:cloudformation:eu-central-1:123456789012:stack/${name}/1</StackId>`;
    const send = (result: string) =>
      answer.end(
        `<${action}Response><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`,
      );
    switch (action) {
      case "GetCallerIdentity":
        return void send(
          "<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>me</UserId><Account>123456789012</Account>",
        );
      case "AssumeRole":
        return void send(
          `<Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>a:b</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/a/b</Arn></AssumedRoleUser>`,
        );
      case "CreateStack":
        stacks.add(name);
        return void send(id);
      case "DeleteStack":
        stacks.delete(name);
        return void send("");
      case "DescribeStacks": {
        if (stacks.has(name)) {
          const members = Object.entries(outputs[name] ?? {})
            .map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`)
            .join("");
          return void send(
            `<Stacks><member>${id}<CreationTime>2026-11-22T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members}</Outputs></member></Stacks>`,
          );
        }
        answer.statusCode = 400;
        return void answer.end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
        );
      }
      default:
        return void send("");
    }
  }

  function json(target: string, input: { Name?: string; Names?: string[] }, answer: ServerResponse): void {
    const action = target.split(".")[1]!;
    const names = input.Names ?? [input.Name ?? ""];
    calls.push({ service: "ssm", action, subject: names.join(" ") });
    const known = (name: string) => parameters.includes(name) || name.startsWith("/cdk-bootstrap/");
    const of = (Name: string) => ({ Name, Value: "30", Type: "String" });
    answer.end(
      JSON.stringify(
        action === "GetParameters"
          ? { Parameters: names.filter(known).map(of), InvalidParameters: names.filter((name) => !known(name)) }
          : { Parameter: of(names[0]!) },
      ),
    );
  }

  function store(request: IncomingMessage, body: Buffer, answer: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    calls.push({ service: "s3", action: request.method!, subject: pathname });
    if (request.method === "PUT") {
      objects.set(pathname, body);
      return void answer.setHeader("etag", '"1"').end();
    }
    if (request.method === "POST" && searchParams.has("uploads"))
      return void answer.end("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    if (request.method === "POST")
      return void answer.end("<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>");
    if (searchParams.has("list-type"))
      return void answer.end("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>");
    if (searchParams.has("location")) return void answer.end("<LocationConstraint>eu-central-1</LocationConstraint>");
    if (request.method === "DELETE") return void answer.end();
    const found = objects.get(pathname);
    if (found) return void answer.end(found);
    answer.statusCode = 404;
    answer.end(request.method === "HEAD" ? undefined : "<Error><Code>NoSuchKey</Code><Message>None</Message></Error>");
  }

  const server = createServer(async (request, answer) => {
    const body = Buffer.concat(await request.toArray());
    const target = request.headers["x-amz-target"];
    answer.setHeader("content-type", target ? "application/x-amz-json-1.1" : "text/xml");
    if (typeof target === "string") json(target, JSON.parse(body.toString()), answer);
    else if (request.headers["content-type"]?.includes("form-urlencoded"))
      query(new URLSearchParams(body.toString()), answer);
    else store(request, body, answer);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    stacks,
    objects,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
