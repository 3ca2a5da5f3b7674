import {
  AmbassadorDetail,
  AmbassadorPage,
  ChooseCode,
  Code,
  CodePage,
  cursor,
  idSchema,
  ListAmbassadors,
  promoCode,
} from "@laurel/contract";
import * as Ambassadors from "@laurel/core/ambassador";
import * as Codes from "@laurel/core/code";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Ambassadors";

const list = route({
  method: "get",
  path: "/api/ambassadors",
  summary: "The ambassadors of one status, newest first, or those whose code fails",
  tag,
  permission: "ambassador.read",
  query: ListAmbassadors,
  answer: AmbassadorPage,
  handle: ({ ctx, query }) => Ambassadors.list(ctx, query),
});

const get = route({
  method: "get",
  path: "/api/ambassadors/{id}",
  summary: "One ambassador, with address and codes",
  tag,
  permission: "ambassador.read",
  params: z.strictObject({ id: idSchema("ambassador") }),
  answer: AmbassadorDetail,
  handle: ({ ctx, params }) => Ambassadors.get(ctx, params.id),
});

const putCodeAgain = route({
  method: "post",
  path: "/api/ambassadors/{id}/codes/{code}/put-again",
  summary: "Put a code that has failed at the checkouts once more",
  description:
    "After the reason was cured there: it is switched on again, or made anew where its discount was deleted. 409 where the code has not failed, was replaced, or its ambassador is not active.",
  tag,
  permission: "code.rotate",
  params: z.strictObject({ id: idSchema("ambassador"), code: promoCode }),
  answer: Code,
  answerDescription: "The code; activating until every checkout has it",
  handle: ({ ctx, params }) => Ambassadors.putCodeAgain(ctx, params.id, params.code),
});

const ownCodes = route({
  method: "get",
  path: "/api/me/codes",
  summary: "One's own codes, the oldest first",
  tag: "Me",
  permission: "me.earnings",
  query: z.strictObject({ cursor: cursor.optional() }),
  answer: CodePage,
  handle: ({ ctx, query }) => Codes.listOwn(ctx, query),
});

const chooseCode = route({
  method: "post",
  path: "/api/me/codes",
  summary: "Choose a code of one's own",
  description:
    "Once; again only where a checkout refused it. It becomes the primary code, and the one before keeps working with its link for ever. 409 if the text is taken, here or at the shop; 503 if the shop's checkout cannot be asked, and then nothing was changed. 30 tries an hour.",
  tag: "Me",
  permission: "me.earnings",
  body: ChooseCode,
  status: 201,
  answer: Code,
  answerDescription: "The code; activating until every checkout has it",
  handle: ({ ctx, body }) => Ambassadors.chooseCode(ctx, body.code),
});

export const ambassadorRoutes = [list, get, putCodeAgain, ownCodes, chooseCode] as const;
