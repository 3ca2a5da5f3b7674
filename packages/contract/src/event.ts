import * as z from "zod";
import { cursor, instant, pageOf } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { MailTrouble } from "./mail.ts";
import { effectStates, eventSources, eventStatuses, providers } from "./sets.ts";

/** One webhook that arrived. `waiting` is stored and not decided yet, `unprocessable` is signed rubbish, `failed` gave up after its retries. */
export const Event = z
  .object({
    id: z.string().meta({ description: "connection id, ~, and the provider's own event id" }),
    connectionId: idSchema("connection"),
    provider: z.enum(providers),
    providerEventId: z.string(),
    type: z.string(),
    receivedAt: instant,
    source: z.enum(eventSources).meta({
      description: "`comparison`: it was never delivered, and was found in the checkout's own list",
    }),
    status: z.enum(eventStatuses),
    outcome: z.string().meta({ description: "What was done, or why nothing was, in one sentence" }),
    orderId: idSchema("order").nullable(),
    attempts: z.int(),
    nextAttemptAt: instant.nullable(),
  })
  .meta({ id: "Event" });
export type Event = z.infer<typeof Event>;
export const EventPage = pageOf(Event);
export const EventDetail = Event.extend({
  payload: z.unknown().meta({
    description: "What the provider sent, with everything about the buyer blacked out; null once its 14 days are over",
  }),
}).meta({ id: "EventDetail" });
export type EventDetail = z.infer<typeof EventDetail>;

const filter = {
  status: z
    .enum([...eventStatuses, "dead"])
    .optional()
    .meta({
      description: "`dead`: all that waits for a person, unprocessable first and then failed",
    }),
  connectionId: idSchema("connection").optional(),
  source: z.enum(eventSources).optional(),
  from: instant.optional().meta({ description: "Received then or later" }),
  to: instant.optional().meta({ description: "Received then or earlier" }),
};

/** Which events are meant. */
export const FilterEvents = z.strictObject(filter);
export const ListEvents = z.strictObject({ ...filter, cursor: cursor.optional() });

/** So many are replayed at once. */
export const mostReplayed = 2_000;

export const ReplayEvents = z.strictObject(filter).meta({ id: "ReplayEvents" });
export type ReplayEvents = z.infer<typeof ReplayEvents>;

export const EventCount = z
  .object({
    count: z.int(),
    all: z.boolean().meta({ description: `Whether these are all; false where there are more than ${mostReplayed}` }),
  })
  .meta({ id: "EventCount" });
export type EventCount = z.infer<typeof EventCount>;

/** Something to be done outside: a mail, a promotion code. */
export const Effect = z
  .object({
    id: idSchema("effect"),
    kind: z.string(),
    subject: z.string(),
    state: z.enum(effectStates),
    attempts: z.int(),
    createdAt: instant,
    nextAttemptAt: instant.nullable(),
    lastError: z.string().nullable().meta({ description: "Why the last try failed, or why it was skipped" }),
    person: z
      .object({ id: idSchema("person"), name: z.string(), mailTrouble: MailTrouble.nullable() })
      .nullable()
      .meta({ description: "Of a skipped mail: who did not get it, and what keeps mail from them now" }),
  })
  .meta({ id: "Effect" });
export type Effect = z.infer<typeof Effect>;
export const EffectPage = pageOf(Effect);
export const ListEffects = z.strictObject({
  state: z.enum(["waiting", "dead", "skipped"]).default("dead"),
  cursor: cursor.optional(),
});
