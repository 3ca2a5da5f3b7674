import {
  ApproveClaim,
  AskAboutOrder,
  Claim,
  ClaimAnswer,
  ClaimDetail,
  ClaimPage,
  cursor,
  DeclineClaim,
  idSchema,
  ListClaims,
  OwnClaim,
  OwnClaimPage,
} from "@laurel/contract";
import * as Claims from "@laurel/core/claim";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Claims";
const one = z.strictObject({ id: idSchema("claim") });

const ask = route({
  method: "post",
  path: "/api/me/claims",
  summary: "Ask about an order that seems to be missing",
  description:
    "Answered at once where the order is known, by number and day. With evidence it makes a claim, unless the order is yours already. 10 an hour and 30 a day.",
  tag: "Me",
  permission: "me.claims",
  body: AskAboutOrder,
  answer: ClaimAnswer,
  handle: ({ ctx, body }) => Claims.ask(ctx, body),
});

const mine = route({
  method: "get",
  path: "/api/me/claims",
  summary: "One's own claims, newest first",
  tag: "Me",
  permission: "me.claims",
  query: z.strictObject({ cursor: cursor.optional() }),
  answer: OwnClaimPage,
  handle: ({ ctx, query }) => Claims.mine(ctx, query),
});

const withdraw = route({
  method: "post",
  path: "/api/me/claims/{id}/withdraw",
  summary: "Take one's own claim back",
  tag: "Me",
  permission: "me.claims",
  params: one,
  answer: OwnClaim,
  handle: ({ ctx, params }) => Claims.withdraw(ctx, params.id),
});

const list = route({
  method: "get",
  path: "/api/claims",
  summary: "Claims, the one that is due first at the top",
  description: "The open ones, unless another state is asked for; those that are decided newest first.",
  tag,
  permission: "claim.read",
  query: ListClaims,
  answer: ClaimPage,
  handle: ({ ctx, query }) => Claims.list(ctx, query),
});

const get = route({
  method: "get",
  path: "/api/claims/{id}",
  summary: "A claim with its evidence and the orders of that number",
  tag,
  permission: "claim.read",
  params: one,
  answer: ClaimDetail,
  handle: ({ ctx, params }) => Claims.get(ctx, params.id),
});

const approve = route({
  method: "post",
  path: "/api/claims/{id}/approve",
  summary: "Approve a claim",
  description:
    "The order becomes the ambassador's in the same transaction, as a correction by hand. Where that moves more than the program's limit, the claim stays open until a second person has approved the correction.",
  tag,
  permission: "claim.decide",
  params: one,
  body: ApproveClaim,
  answer: Claim,
  handle: ({ ctx, params, body }) => Claims.approve(ctx, params.id, body),
});

const decline = route({
  method: "post",
  path: "/api/claims/{id}/decline",
  summary: "Decline a claim",
  description: "With a reason that the ambassador reads.",
  tag,
  permission: "claim.decide",
  params: one,
  body: DeclineClaim,
  answer: Claim,
  handle: ({ ctx, params, body }) => Claims.decline(ctx, params.id, body),
});

export const claimRoutes = [ask, mine, withdraw, list, get, approve, decline] as const;
