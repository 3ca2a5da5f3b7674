import { ChangeKey, ConnectCheckout, Connection, Connections, idSchema, JobAnswer } from "@laurel/contract";
import * as CatchUp from "@laurel/core/catch-up";
import * as Connecting from "@laurel/core/connection";
import * as z from "zod";
import { type Call, route } from "../route.ts";

const tag = "Connections";
const params = z.strictObject({ id: idSchema("connection") });

/** This process knows at once what it has changed; the others within half a minute. */
// biome-ignore lint/suspicious/noExplicitAny: of any route
const forgetting = async <T>({ runtime }: Pick<Call<any, any, any>, "runtime">, change: Promise<T>): Promise<T> => {
  try {
    return await change;
  } finally {
    runtime.forgetProgram();
  }
};

const list = route({
  method: "get",
  path: "/api/connections",
  summary: "The checkouts that the program sells through, those that have ended last",
  description: "Never with a key or a secret.",
  tag,
  permission: "connection.read",
  answer: Connections,
  handle: ({ ctx }) => Connecting.list(ctx),
});

const get = route({
  method: "get",
  path: "/api/connections/{id}",
  summary: "One checkout",
  tag,
  permission: "connection.read",
  params,
  answer: Connection,
  handle: ({ ctx, params }) => Connecting.get(ctx, params.id),
});

const connect = route({
  method: "post",
  path: "/api/connections",
  summary: "Connect a checkout",
  description:
    "The key is tried, kept in the store of secrets and never shown again. The webhook is made a moment later: ask for the connection until it is active. The same account comes back as the connection that it was. 409 if it is connected; 422 with the provider's reason where it says no.",
  tag,
  permission: "connection.change",
  body: ConnectCheckout,
  status: 202,
  answer: Connection,
  answerDescription: "The connection; connecting until its webhook is there",
  handle: (call) => forgetting(call, Connecting.connect(call.ctx, call.body)),
});

const changeKey = route({
  method: "post",
  path: "/api/connections/{id}/key",
  summary: "Use another key of the same account",
  description: "Webhook and codes stay as they are. 422 for the key of another account or of the other mode.",
  tag,
  permission: "connection.change",
  params,
  body: ChangeKey,
  answer: Connection,
  handle: (call) => forgetting(call, Connecting.changeKey(call.ctx, call.params.id, call.body)),
});

const renewWebhook = route({
  method: "post",
  path: "/api/connections/{id}/webhook",
  summary: "Make the webhook anew, with a new signing secret",
  description: "Until it is there, and a day longer, the former secret holds too, so that nothing is lost.",
  tag,
  permission: "connection.change",
  params,
  status: 202,
  answer: Connection,
  handle: (call) => forgetting(call, Connecting.renewWebhook(call.ctx, call.params.id)),
});

const putCodes = route({
  method: "post",
  path: "/api/connections/{id}/codes",
  summary: "Put all codes at the checkout once more",
  description: "For when that could not be finished. What is there already is left as it is.",
  tag,
  permission: "connection.change",
  params,
  status: 202,
  answer: Connection,
  handle: (call) => forgetting(call, Connecting.putCodesAgain(call.ctx, call.params.id)),
});

const compare = route({
  method: "post",
  path: "/api/connections/{id}/compare",
  summary: "Compare what came from the checkout with its own list, now",
  description:
    "As happens once a day by itself: of at least the last three days, and since the last time, what never came is taken in. A job of its own; where one is under way, that one.",
  tag,
  permission: "event.replay",
  params,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that compares; ask for it to see what it has found",
  handle: ({ ctx, params }) => CatchUp.compareNow(ctx, params.id),
});

const disconnect = route({
  method: "post",
  path: "/api/connections/{id}/disconnect",
  summary: "End a connection",
  description:
    "Its webhook is deleted at the checkout and its secrets here. Orders, events and earnings stay; so do the codes at the checkout.",
  tag,
  permission: "connection.change",
  params,
  answer: Connection,
  handle: (call) => forgetting(call, Connecting.disconnect(call.ctx, call.params.id)),
});

export const connectionRoutes = [list, get, connect, changeKey, renewWebhook, putCodes, compare, disconnect] as const;
