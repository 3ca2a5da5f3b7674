import type { Consumed, consumed } from "@laurel/core/table/consumed.ts";
import { Problem } from "../cli/problem.ts";
import type { Letter } from "./queue.ts";

export type Consumer = keyof typeof consumed;

/** A part of the table's stream that a consumer gave up: when it was written. The records themselves are not kept. */
export interface StreamPart {
  letter: Letter;
  fromMs: number;
  toMs: number;
  records: number;
  streamArn: string;
}

/** The stream tells when a record came, an item when its operation began: they differ by the tries of a busy transaction. */
const aroundMs = 2 * 60_000;

/**
 * Reads what Lambda leaves of a batch that it gave up: a pointer into the stream, and the times between which its records
 * came (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html).
 * @throws Problem for anything else
 */
export function readStreamPart(letter: Letter): StreamPart {
  try {
    const { DDBStreamBatchInfo: info } = JSON.parse(letter.body);
    const [first, last] = [info.approximateArrivalOfFirstRecord, info.approximateArrivalOfLastRecord].map(Date.parse);
    if (Number.isFinite(first) && Number.isFinite(last))
      return {
        letter,
        fromMs: first! - aroundMs,
        toMs: last! + aroundMs,
        records: Number(info.batchSize) || 0,
        streamArn: String(info.streamArn),
      };
  } catch {
    // Told below, without the body.
  }
  throw new Problem("The queue holds a message that Lambda did not leave there. Look at it in the console.");
}

/** When an item of a kind was made, by its own telling. */
export const madeAt: Record<Consumed<Consumer>, string> = {
  entry: "recordedAt",
  click: "at",
  effect: "createdAt",
  job: "createdAt",
  incoming: "receivedAt",
};

/**
 * Counted facts are remembered for 8 days; older ones would count a second time.
 * @param nowMs now
 */
export const isTooOldToCount = (part: StreamPart, nowMs: number): boolean => nowMs - part.fromMs > 7 * 86_400_000;
