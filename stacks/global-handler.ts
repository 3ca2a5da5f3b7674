import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type Tag,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import type { CloudFormationCustomResourceEvent, Context } from "aws-lambda";

/** What the stack of a deployment tells a counterpart in us-east-1 to be; see `global.ts`. */
export interface GlobalProperties {
  StackName: string;
  /** A whole CloudFormation template, as text. */
  Template: string;
  Tags: Tag[];
}

interface Outside {
  client: Pick<CloudFormationClient, "send">;
  /** Sends the answer to the address that CloudFormation waits at. */
  answer: (url: string, body: string) => Promise<void>;
  pause: (ms: number) => Promise<void>;
}

/** So long before its own end the function answers, so that CloudFormation does not wait an hour for nothing. */
const spareMs = 30_000;
const pollMs = 5_000;
const cleaningUp = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";

/**
 * Keeps a stack in us-east-1 as the deployment's own stack wants it, from whatever region that one is in: CloudFront takes
 * certificates and firewalls from nowhere else, and CloudFormation makes none elsewhere. The same request twice does no harm.
 * It always answers, with the reason where it failed.
 */
export function createGlobalHandler({ client, answer, pause }: Outside) {
  async function find(name: string): Promise<Stack | undefined> {
    try {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
      return Stacks?.[0];
    } catch (error) {
      if (/does not exist/.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /**
   * The stack when nothing happens to it any more; undefined when it is gone.
   * @param enough a status that is waited for no longer, although something goes on
   */
  async function settled(name: string, deadline: number, enough?: string): Promise<Stack | undefined> {
    for (;;) {
      const stack = await find(name);
      if (!stack || stack.StackStatus === "DELETE_COMPLETE") return undefined;
      if (!stack.StackStatus?.endsWith("_IN_PROGRESS") || stack.StackStatus === enough) return stack;
      if (Date.now() + pollMs > deadline)
        throw new Error(
          `${name} in us-east-1 is still ${stack.StackStatus}. A certificate is issued when its record in the zone can be seen from outside: check that the zone is the domain's own, and deploy again.`,
        );
      await pause(pollMs);
    }
  }

  async function remove(name: string, deadline: number): Promise<void> {
    if (!(await settled(name, deadline))) return;
    await client.send(new DeleteStackCommand({ StackName: name }));
    const left = await settled(name, deadline);
    if (left) throw new Error(`${name} in us-east-1 could not be removed: ${await whyFailed(name)}`);
  }

  async function put({ StackName, Template, Tags }: GlobalProperties, deadline: number): Promise<Stack> {
    let before = await settled(StackName, deadline);
    // What failed while it was made for the first time can only be made anew.
    if (before && /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/.test(before.StackStatus ?? "")) {
      await remove(StackName, deadline);
      before = undefined;
    }
    const input = { StackName, TemplateBody: Template, Tags };
    try {
      await client.send(before ? new UpdateStackCommand(input) : new CreateStackCommand(input));
    } catch (error) {
      if (!/No updates are to be performed/.test((error as Error).message)) throw error;
    }
    // The new is there; what it replaced goes once the distribution has let go of it, which waits for this answer.
    const after = await settled(StackName, deadline, cleaningUp);
    if (!after || ![cleaningUp, "CREATE_COMPLETE", "UPDATE_COMPLETE"].includes(after.StackStatus ?? ""))
      throw new Error(`${StackName} in us-east-1 is ${after?.StackStatus ?? "gone"}: ${await whyFailed(StackName)}`);
    return after;
  }

  async function whyFailed(name: string): Promise<string> {
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: name }));
    // Newest first; what failed first is the cause, what was cancelled for it is not.
    const causes = StackEvents.filter(
      ({ ResourceStatus, ResourceStatusReason }) =>
        ResourceStatus?.endsWith("_FAILED") && !/cancelled/i.test(ResourceStatusReason ?? ""),
    );
    const cause = causes.at(-1);
    return cause ? `${cause.LogicalResourceId}: ${cause.ResourceStatusReason}` : "see its events there";
  }

  return async (event: CloudFormationCustomResourceEvent, context: Pick<Context, "getRemainingTimeInMillis">) => {
    const properties = event.ResourceProperties as unknown as GlobalProperties;
    const deadline = Date.now() + context.getRemainingTimeInMillis() - spareMs;
    let outcome: { Status: "SUCCESS" | "FAILED"; Reason?: string; Data?: Record<string, string> };
    try {
      if (event.RequestType === "Delete") {
        await remove(properties.StackName, deadline);
        outcome = { Status: "SUCCESS" };
      } else {
        const { Outputs = [] } = await put(properties, deadline);
        const Data = Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
        outcome = { Status: "SUCCESS", Data };
      }
    } catch (error) {
      outcome = { Status: "FAILED", Reason: String((error as Error).message).slice(0, 1000) };
    }
    console.log(JSON.stringify({ message: "global", request: event.RequestType, ...outcome }));
    await answer(
      event.ResponseURL,
      JSON.stringify({
        ...outcome,
        // One for good: there is one such stack, so nothing is ever replaced by another.
        PhysicalResourceId: properties.StackName,
        StackId: event.StackId,
        RequestId: event.RequestId,
        LogicalResourceId: event.LogicalResourceId,
      }),
    );
  };
}

let made: ReturnType<typeof createGlobalHandler> | undefined;
export const handler: ReturnType<typeof createGlobalHandler> = (event, context) => {
  made ??= createGlobalHandler({
    client: new CloudFormationClient({ region: "us-east-1" }),
    answer: async (url, body) => {
      // Signed for an empty content type.
      await fetch(url, { method: "PUT", body, headers: { "content-type": "" } });
    },
    pause: (ms) => new Promise((done) => setTimeout(done, ms)),
  });
  return made(event, context);
};
