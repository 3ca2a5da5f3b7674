import { randomBytes } from "node:crypto";
import { BatchGetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { openTable, type Table } from "@laurel/core/table";
import { answer } from "./child.ts";
import { keepBusy, type Run } from "./load.ts";
import type { Call } from "./recorder.ts";
import type { Wire } from "./units.ts";

/**
 * The yardstick: the SDK alone, writing what one sale was seen to write, with ids of the same length that are new each time.
 * The client is set up as Laurel's own is; items are ready in the form of the wire before the clock runs, so that nothing but
 * the SDK and the engine is measured.
 */
let client: Table["client"];
let template: { calls: Call[]; ids: RegExp; ambassadorId: string };

const fresh = (id: string): string => {
  const kept = /^[a-z]+_(?:test_)?/.exec(id)?.[0] ?? "";
  return (
    kept +
    randomBytes(id.length)
      .toString("hex")
      .slice(0, id.length - kept.length)
  );
};

/** The same calls with other ids, as often as wanted, spread over as many ambassadors as a sale's run is. */
function* copies(ambassadors: readonly string[]): Generator<Call[]> {
  const text = JSON.stringify(template.calls);
  for (let n = 0; ; n++) {
    const names = new Map([[template.ambassadorId, ambassadors[n % ambassadors.length]!]]);
    const name = (id: string) => names.get(id) ?? names.set(id, fresh(id)).get(id)!;
    yield JSON.parse(text.replace(template.ids, name)) as Call[];
  }
}

const bytes = (item: Wire): Wire =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, "B" in value ? { B: Buffer.from(value.B, "base64") } : value]),
  );

async function send({ operation, input }: Call): Promise<void> {
  if (operation === "TransactWriteItems") {
    const { ClientRequestToken: _, ...rest } = input;
    await client.send(new TransactWriteItemsCommand(rest as never) as never);
  } else if (operation === "PutItem")
    await client.send(new PutItemCommand({ ...input, Item: bytes(input.Item) } as never) as never);
  else if (operation === "BatchGetItem") await client.send(new BatchGetItemCommand(input as never) as never);
  else throw new Error(`A sale is not known to call ${operation}`);
}

/** A copy has ids of its own, so what a sale replaces by its version is not there yet: the copy puts it without asking. */
function unconditioned({ TransactItems, ...input }: Wire): Wire {
  if (!TransactItems) return input;
  const puts = TransactItems.map(({ Put, ...other }: Wire) => {
    if (!Put || Put.ConditionExpression?.includes("attribute_not_exists")) return Put ? { Put } : other;
    const { ConditionExpression: _, ExpressionAttributeNames: __, ExpressionAttributeValues: ___, ...put } = Put;
    return { Put: put };
  });
  return { ...input, TransactItems: puts };
}

let supply: Generator<Call[]>;

const answers = {
  /** @param ids every id of the recorded sale that must be new in a copy */
  open: ({
    endpoint,
    calls,
    ids,
    ambassadorId,
    ambassadors,
  }: {
    endpoint: string;
    calls: Call[];
    ids: string[];
    ambassadorId: string;
    ambassadors: number;
  }) => {
    client = openTable({ tableName: "-", endpoint }).client;
    template = {
      calls: calls.map(({ operation, input }) => ({ operation, input: unconditioned(input), output: {} })),
      ids: new RegExp([...ids, ambassadorId].join("|"), "g"),
      ambassadorId,
    };
    supply = copies(Array.from({ length: ambassadors }, () => fresh(ambassadorId)));
  },
  /** @param whole all calls of a sale, one after the other; otherwise its transaction alone */
  run: async ({
    inFlight,
    seconds,
    atMost,
    whole,
  }: {
    inFlight: number;
    seconds: number;
    atMost?: number;
    whole: boolean;
  }): Promise<Run> => {
    const next = () => supply.next().value!.filter((call: Call) => whole || call.operation === "TransactWriteItems");
    const count = Math.min(atMost ?? Number.POSITIVE_INFINITY, Math.ceil(seconds * 1500));
    const ready: Call[][] = Array.from({ length: count }, next);
    return keepBusy({ inFlight, seconds, atMost: count }, async () => {
      for (const call of ready.pop()!) await send(call);
      return "200";
    });
  },
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};
export type Bare = typeof answers;
answer(answers);
