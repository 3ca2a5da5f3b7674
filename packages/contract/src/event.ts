import * as z from "zod";
import { cursor, instant, pageOf } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { MailTrouble } from "./mail.ts";
import { effectStates, eventStatuses, providers } from "./sets.ts";

/** One webhook that arrived. `waiting` is stored and not decided yet, `unprocessable` is signed rubbish, `failed` gave up after its retries. */
export const Event = z
  .object({
    id: z.string().meta({ description: "connection id, ~, and the provider's own event id" }),
    connectionId: idSchema("connection"),
    provider: z.enum(providers),
    providerEventId: z.string(),
    type: z.string(),
    receivedAt: instant,
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

export const ListEvents = z.strictObject({ status: z.enum(eventStatuses).optional(), cursor: cursor.optional() });

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
