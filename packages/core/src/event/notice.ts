import type { CodeTold } from "../code/told.ts";
import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import type { Outcome, Taken } from "../order/index.ts";
import type { Disconnected, PrivacyRequest } from "../privacy/index.ts";
import { transact, type Write, write } from "../table/transact.ts";
import type { Fetch } from "./fetch.ts";
import type { Told } from "./translate.ts";

export type Notice = CodeTold | PrivacyRequest | Disconnected;

export const isNotice = (told: Exclude<Told, Fetch>): told is Notice =>
  told.kind === "code_changed" ||
  told.kind === "offer_changed" ||
  told.kind === "privacy" ||
  told.kind === "disconnected";

/**
 * Takes in what is about no purchase: what follows, and the event's own end, in one transaction.
 * @throws AppError unavailable when the engine does not answer; the event is then tried again later
 */
export async function takeNotice(
  ctx: Context,
  {
    connection,
    eventId,
    receivedAt,
    told,
    done,
    deadline,
  }: {
    connection: Connection;
    eventId: string;
    receivedAt: string;
    told: Notice;
    done: (outcome: Outcome) => Write[];
    deadline?: number;
  },
): Promise<Taken> {
  const {
    sentence,
    writes,
    ours = true,
  } = await follow(ctx, connection, told, { event: `${connection.id}~${eventId}`, receivedAt });
  const outcome: Outcome = { status: ours ? "processed" : "ignored", sentence };
  const committed = await transact(ctx.table, [...writes, ...done(outcome)], deadline);
  if (committed.ok) return { mine: true, outcome };
  if (committed.refusals.some((refusal) => refusal.name === "done")) return { mine: false, outcome: undefined };
  throw new AppError(
    "unavailable",
    "event.busy",
    "Something else changed at once; the event is tried again by itself.",
    {
      retryAfterMs: 1000,
    },
  );
}

interface Followed {
  sentence: string;
  writes: Write[];
  /** False where it is about something that Laurel has nothing to do with. */
  ours?: boolean;
}

async function follow(
  ctx: Context,
  connection: Connection,
  told: Notice,
  of: { event: string; receivedAt: string },
): Promise<Followed> {
  switch (told.kind) {
    case "disconnected":
      return disconnect(ctx, connection, told);
    // The others are seldom, and a cold start need not read them.
    case "privacy":
      return (await import("../privacy/index.ts")).admit(ctx, connection, { ...of, told });
    default:
      return (await import("../code/check.ops.ts")).heed(ctx, connection, told);
  }
}

/** From now on nothing is asked of the shop. What it told stays, and so does the ledger. */
function disconnect(ctx: Context, connection: Connection, { why, at }: Disconnected): Followed {
  if (connection.disconnectedAt) return { sentence: `${why} The connection had ended already.`, writes: [] };
  // Told late: the app was installed again since.
  if (connection.connectedAt && connection.connectedAt > at)
    return { sentence: `${why} That was before the connection that there is now.`, writes: [] };
  return {
    sentence: `${why} The connection has ended: codes are no longer made there. Orders and earnings stay.`,
    writes: [
      write.update("connection", {
        TableName: ctx.table.name,
        Key: { pk: "PROGRAM", sk: `CONNECTION#${connection.id}` },
        // The version tells whoever is changing the connection just now.
        UpdateExpression: "SET disconnectedAt = :at ADD version :one",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":at": at, ":one": 1 },
      }),
    ],
  };
}
