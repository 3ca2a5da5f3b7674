import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import type { Outcome, Taken } from "../order/index.ts";
import type { Disconnected, PrivacyRequest } from "../privacy/index.ts";
import { transact, type Write, write } from "../table/transact.ts";

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
    told: PrivacyRequest | Disconnected;
    done: (outcome: Outcome) => Write[];
    deadline?: number;
  },
): Promise<Taken> {
  // Seldom, and a cold start need not read it.
  const { sentence, writes } =
    told.kind === "privacy"
      ? (await import("../privacy/index.ts")).admit(ctx, connection, {
          event: `${connection.id}~${eventId}`,
          receivedAt,
          told,
        })
      : disconnect(ctx, connection, told);
  const outcome: Outcome = { status: "processed", sentence };
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

/** From now on nothing is asked of the shop. What it told stays, and so does the ledger. */
function disconnect(
  ctx: Context,
  connection: Connection,
  { why, at }: Disconnected,
): { sentence: string; writes: Write[] } {
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
