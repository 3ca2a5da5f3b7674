import { Effect, EffectPage, Event, EventDetail, EventPage, idSchema, ListEffects, ListEvents } from "@laurel/contract";
import * as Effects from "@laurel/core/effect";
import * as Events from "@laurel/core/event";
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

export const eventRoutes = [list, get, replay, effects, retry] as const;
