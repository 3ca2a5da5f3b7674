import {
  Effect,
  EffectPage,
  Event,
  EventCount,
  EventDetail,
  EventPage,
  FilterEvents,
  idSchema,
  JobAnswer,
  ListEffects,
  ListEvents,
  mostReplayed,
  ReplayEvents,
} from "@laurel/contract";
import * as Effects from "@laurel/core/effect";
import * as Events from "@laurel/core/event";
import * as Replay from "@laurel/core/replay";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Events";
const eventParams = z.strictObject({ id: z.string().min(1).max(200) });

const list = route({
  method: "get",
  path: "/api/events",
  summary: "The webhooks that arrived, newest first",
  tag,
  permission: "event.read",
  query: ListEvents,
  answer: EventPage,
  handle: ({ ctx, query }) => Events.list(ctx, query),
});

const count = route({
  method: "get",
  path: "/api/events/count",
  summary: "How many webhooks a replay would be about",
  description: "Of those that came in the last 28 days; what a checkout sent is not kept for longer.",
  tag,
  permission: "event.read",
  query: FilterEvents,
  answer: EventCount,
  handle: ({ ctx, query }) => Replay.count(ctx, query),
});

const get = route({
  method: "get",
  path: "/api/events/{id}",
  summary: "One webhook, with what it said",
  description: "Everything about the buyer is blacked out in the payload.",
  tag,
  permission: "event.read",
  params: eventParams,
  answer: EventDetail,
  handle: ({ ctx, params }) => Events.get(ctx, params.id),
});

const replay = route({
  method: "post",
  path: "/api/events/{id}/replay",
  summary: "Decide a webhook again",
  description: "From its stored body. Harmless for one that was decided well: nothing is counted twice.",
  tag,
  permission: "event.replay",
  params: eventParams,
  answer: Event,
  handle: ({ ctx, params }) => Events.replay(ctx, params.id),
});

const replayMany = route({
  method: "post",
  path: "/api/events/replay",
  summary: "Decide many webhooks again",
  description: `Those that meet the filter now, at most ${mostReplayed}: after what kept them from being decided was mended. A job of its own; nothing is counted twice. 422 where there are none or too many.`,
  tag,
  permission: "event.replay",
  body: ReplayEvents,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that replays them; ask for it to see how far it is",
  handle: ({ ctx, body }) => Replay.replayMany(ctx, body),
});

const effects = route({
  method: "get",
  path: "/api/effects",
  summary: "Mails and promotion codes that wait or were given up",
  tag: "Effects",
  permission: "effect.read",
  query: ListEffects,
  answer: EffectPage,
  handle: ({ ctx, query }) => Effects.list(ctx, query),
});

const retry = route({
  method: "post",
  path: "/api/effects/{id}/retry",
  summary: "Try again what was given up",
  tag: "Effects",
  permission: "effect.retry",
  params: z.strictObject({ id: idSchema("effect") }),
  answer: Effect,
  handle: ({ ctx, params }) => Effects.retry(ctx, params.id),
});

export const eventRoutes = [list, count, get, replay, replayMany, effects, retry] as const;
