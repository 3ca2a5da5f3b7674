import type { Call } from "../packages/local/testing/wrap.ts";
import type { Json } from "./synth.testing.ts";

/** One thing that a call does to the table, in IAM's words. */
interface Deed {
  action: string;
  /** Undefined for the table itself. */
  index: string | undefined;
  partitions: string[];
}

/**
 * What IAM would say to calls to the table, by the statements of a role as they stand in the template: actions, table or index,
 * and the partition keys that a statement is limited to. Everything else that IAM knows is not looked at.
 */
export function permitted(statements: readonly Json[]) {
  const used = new Set<string>();
  const speaksOf = (statement: Json, { action, index, partitions }: Deed): boolean => {
    const resources = listOf(statement.Resource).map(textOf);
    const reaches = resources.some((resource) =>
      index
        ? resource.endsWith(`/index/${index}`)
        : /Table[0-9A-F]+Arn/.test(resource) && !resource.includes("/index/"),
    );
    const [all, any] = ["ForAllValues", "ForAnyValue"].map(
      (each) => statement.Condition?.[`${each}:StringLike`]?.["dynamodb:LeadingKeys"],
    );
    const among = (patterns: Json) => (partition: string) =>
      listOf(patterns).some((pattern) => isLike(partition, pattern));
    return (
      listOf(statement.Action).includes(action) &&
      reaches &&
      (!all || partitions.every(among(all))) &&
      (!any || partitions.some(among(any)))
    );
  };
  const withEffect = (effect: "Allow" | "Deny", deed: Deed) =>
    statements.some((statement) => statement.Effect === effect && speaksOf(statement, deed));
  return {
    /** What of a call would be denied. */
    denied: (call: Call): string[] =>
      deedsOf(call)
        .filter((deed) => {
          const allowed = withEffect("Allow", deed) && !withEffect("Deny", deed);
          if (allowed) used.add(deed.index ? `${deed.action} ${deed.index}` : deed.action);
          return !allowed;
        })
        .map(({ action, index, partitions }) => `${action} ${index ?? "table"} ${partitions.join(" ")}`),
    /** What was asked for and allowed, by action; with the index where there is one. */
    used: () => [...used].sort(),
    /** What is allowed on the table, in the same words. */
    granted: () =>
      [
        ...new Set(
          statements
            .filter(({ Effect }) => Effect === "Allow")
            .flatMap((statement) =>
              listOf(statement.Resource).flatMap((resource: Json) => {
                const index = /\/index\/(\w+)$/.exec(textOf(resource))?.[1];
                return listOf(statement.Action)
                  .filter((action: string) => action.startsWith("dynamodb:") && !/Stream|Record|Shard/.test(action))
                  .map((action: string) => (index ? `${action} ${index}` : action));
              }),
            ),
        ),
      ].sort(),
  };
}

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);
const isLike = (text: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s").test(text);

/** An intrinsic as the text that it will roughly be. */
function textOf(value: Json): string {
  if (typeof value === "string") return value;
  if (value["Fn::Join"]) return value["Fn::Join"][1].map(textOf).join(value["Fn::Join"][0]);
  return JSON.stringify(value);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html: a transaction needs what its parts need. */
function deedsOf({ name, input }: Call): Deed[] {
  const on = (action: string, ...keys: { pk: string }[]): Deed => ({
    action: `dynamodb:${action}`,
    index: undefined,
    partitions: keys.map(({ pk }) => pk),
  });
  switch (name) {
    case "Get":
      return [on("GetItem", input.Key)];
    case "Put":
      return [on("PutItem", input.Item)];
    case "Update":
      return [on("UpdateItem", input.Key)];
    case "Delete":
      return [on("DeleteItem", input.Key)];
    case "Query":
      return [{ ...on("Query", { pk: input.ExpressionAttributeValues[":pk"] }), index: input.IndexName }];
    case "BatchGet":
      return Object.values(input.RequestItems).map((asked) => on("BatchGetItem", ...(asked as Json).Keys));
    case "TransactWrite":
      return input.TransactItems.map(({ Put, Update, Delete, ConditionCheck }: Json) => {
        if (Put) return on("PutItem", Put.Item);
        if (Update) return on("UpdateItem", Update.Key);
        if (Delete) return on("DeleteItem", Delete.Key);
        return on("ConditionCheckItem", ConditionCheck.Key);
      });
    default:
      return [{ action: `dynamodb:${name}`, index: undefined, partitions: [] }];
  }
}
