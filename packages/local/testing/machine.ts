import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { createMinute } from "@laurel/functions/job/minute.ts";
import type { Runtime } from "../../../functions/runtime.ts";
import type { Item } from "../../core/src/table/read.ts";
import { consumersOf } from "../src/stream/consumers.ts";
import { createPoller } from "../src/stream/poller.ts";
import { openPositions } from "../src/stream/positions.ts";
import { createReader } from "../src/stream/reader.ts";
import { type Death, type Mortal, mortal, type Sending } from "./crashing.ts";
import type { World } from "./index.ts";
import { scan } from "./scan.ts";

/** When a sender whose request had no answer sends it again. */
export type Redelivery = "at once" | "a minute later" | "when all is quiet";
export const redeliveries: readonly Redelivery[] = ["at once", "a minute later", "when all is quiet"];

/** Runs one process on a world's table, and another one whenever it has died. */
export interface Machine {
  /** Asks the process that runs now. Undefined where it died before it answered; another one runs by then. */
  attempt<T>(request: (runtime: Runtime) => Promise<T>): Promise<{ answer: T } | undefined>;
  /** Asks until there is an answer. One at a time: "when all is quiet" ends leases. */
  insist<T>(request: (runtime: Runtime) => Promise<T>, again?: Redelivery): Promise<T>;
  /** Brings the stream to the consumers, which go on after a death from the last record that they had dealt with. */
  settle(): Promise<void>;
  /** The minute's job, once from its beginning to its end. */
  minute(): Promise<void>;
  /** Lets consumers and minutes work until nothing waits that is due. Nothing else may be under way: what is leased runs out. */
  quiet(): Promise<void>;
  /** All processes so far; the last one runs. */
  processes: readonly Mortal[];
  /** What all of them sent, in order, with the number of the process. */
  sendings(): (Sending & { process: number })[];
  close(): void;
}

/** @param deaths of the first processes, one each; whichever comes after them lives */
export async function openMachine(world: World, deaths: readonly Death[]): Promise<Machine> {
  const endpoint = world.runtime.env.DYNAMODB_ENDPOINT!;
  const { Table } = await world.table.client.send(new DescribeTableCommand({ TableName: world.table.name }));
  const reader = createReader(endpoint, Table!.LatestStreamArn!);
  const positions = openPositions(undefined, reader.streamArn);
  const processes: Mortal[] = [];
  let restarting: Promise<void> | undefined;
  let running = start();

  function start() {
    const process = mortal(world, deaths[processes.length]);
    processes.push(process);
    const pollers = consumersOf(process.runtime).map((consumer) =>
      createPoller({
        reader,
        // A dead process remembers nothing.
        positions: { ...positions, set: (...place) => void (process.dead() || positions.set(...place)) },
        consumers: [consumer],
        log: world.runtime.log,
        backoffMs: 5,
      }),
    );
    // One after the other, so that each run has its points in the same order.
    const drain = async () => {
      for (let seen = 1; seen > 0; ) {
        seen = 0;
        for (const poller of pollers) seen += await poller.drain();
      }
    };
    const minute = createMinute(process.runtime, { jobsMs: 5_000 });
    return { process, drain, minute };
  }

  async function on<T>(work: (on: typeof running) => Promise<T>): Promise<{ answer: T } | undefined> {
    const now = running;
    const ended = await now.process.attempt(() => work(now));
    if (!ended && now === running) {
      restarting ??= now.process.gone().then(() => {
        running = start();
        restarting = undefined;
      });
      await restarting;
    }
    return ended;
  }
  async function untilDone(work: (on: typeof running) => Promise<void>): Promise<void> {
    while (!(await on(work)));
  }

  const settle = () => untilDone(({ drain }) => drain());
  const minute = () => untilDone((now) => now.minute());
  async function quiet(): Promise<void> {
    for (let round = 0; round < 60; round++) {
      await settle();
      const items = await scan(world);
      const now = world.clock.now().toISOString();
      const waiting = items.some(
        (item) =>
          (item.__edb_e__ === "effect" && item.state === "waiting" && !(item.notBefore > now)) ||
          (item.__edb_e__ === "retry" && item.status === "waiting") ||
          (item.__edb_e__ === "job" && ["waiting", "running"].includes(item.state)),
      );
      if (!waiting) return;
      await endLeases(world, items);
      world.clock.advance(90_000);
      await minute();
    }
    throw new Error("Something still waits after sixty rounds");
  }

  return {
    attempt: (request) => on(({ process }) => request(process.runtime)),
    insist: async (request, again = "at once") => {
      for (;;) {
        const ended = await on(({ process }) => request(process.runtime));
        if (ended) return ended.answer;
        if (again === "a minute later") world.clock.advance(60_000);
        if (again === "when all is quiet") await quiet();
      }
    },
    settle,
    minute,
    quiet,
    processes,
    sendings: () => processes.flatMap((process, at) => process.sendings.map((each) => ({ ...each, process: at }))),
    close: () => reader.close(),
  };
}

/** As if time had passed until every lease of the dead had run out: leases go by the real clock. */
export async function endLeases(world: World, items: readonly Item[]): Promise<void> {
  for (const { pk, sk, leaseUntilMs } of items)
    if (leaseUntilMs !== undefined)
      await world.table.client.send(
        new UpdateCommand({
          TableName: world.table.name,
          Key: { pk, sk },
          UpdateExpression: "SET leaseUntilMs = :past",
          ConditionExpression: "attribute_exists(leaseUntilMs)",
          ExpressionAttributeValues: { ":past": 1 },
        }),
      );
}
