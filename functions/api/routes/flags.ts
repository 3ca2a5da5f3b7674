import {
  BulkResolveFlags,
  ClearWarnings,
  Code,
  Flag,
  FlagPage,
  FraudSignals,
  idSchema,
  JobAnswer,
  ListFlags,
  RaiseFlag,
  Receipt,
  ResolveFlag,
  RotateCode,
} from "@laurel/contract";
import * as Ambassadors from "@laurel/core/ambassador";
import * as Flags from "@laurel/core/flag";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Fraud signals";
const params = z.strictObject({ id: idSchema("flag") });

const list = route({
  method: "get",
  path: "/api/flags",
  summary: "Fraud signals of one state",
  description:
    "Open ones as they expire, the first first; ended ones with the last first. A page may be short and still have a cursor.",
  tag,
  permission: "flag.read",
  query: ListFlags,
  answer: FlagPage,
  handle: ({ ctx, query }) => Flags.list(ctx, query),
});

const signals = route({
  method: "get",
  path: "/api/fraud-signals",
  summary: "The fraud signals that are looked for",
  description: "Each as it is applied unless the program's own settings say otherwise.",
  tag,
  permission: "flag.read",
  answer: FraudSignals,
  handle: async ({ ctx }) => Flags.signals(ctx),
});

const get = route({
  method: "get",
  path: "/api/flags/{id}",
  summary: "One fraud signal, with its evidence in sentences",
  tag,
  permission: "flag.read",
  params,
  answer: Flag,
  handle: ({ ctx, params }) => Flags.get(ctx, params.id),
});

const resolve = route({
  method: "post",
  path: "/api/flags/{id}/resolve",
  summary: "Clear a fraud signal, or confirm it",
  description:
    "Cleared, the money goes on unless something else holds it. Confirmed, the order is its ambassador's no more and what it earned is taken back. 409 where somebody was first; 403 about oneself, or to confirm what one raised oneself.",
  tag,
  permission: "flag.resolve",
  params,
  body: ResolveFlag,
  answer: Flag,
  handle: ({ ctx, params, body }) => Flags.resolve(ctx, params.id, body),
});

const bulk = route({
  method: "post",
  path: "/api/flags/bulk",
  summary: "Clear or confirm up to 500 fraud signals",
  description:
    "Each of them ends by itself and has its own result, as a single one would; a job does it and goes on after a restart. What somebody has ended meanwhile, and what concerns yourself, is refused in its row.",
  tag,
  permission: "flag.resolve",
  body: BulkResolveFlags,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that resolves them; ask for it to see how far it is",
  handle: ({ ctx, body }) => Flags.resolveMany(ctx, body),
});

const raise = route({
  method: "post",
  path: "/api/orders/{id}/flags",
  summary: "Flag an order by hand, and hold what it earns",
  description: "422 where it earns nobody anything; 403 about oneself.",
  tag,
  permission: "flag.raise",
  params: z.strictObject({ id: idSchema("order") }),
  body: RaiseFlag,
  status: 201,
  answer: Flag,
  handle: ({ ctx, params, body }) => Flags.raise(ctx, params.id, body),
});

const clearWarnings = route({
  method: "post",
  path: "/api/orders/{id}/clear-warnings",
  summary: "End what the checkout has warned of",
  description:
    "A warning of the card's issuer holds what an order earns until somebody has looked. The money goes on unless something else holds it. 409 where no warning holds it; 403 about oneself.",
  tag,
  permission: "flag.resolve",
  params: z.strictObject({ id: idSchema("order") }),
  body: ClearWarnings,
  answer: Receipt,
  handle: ({ ctx, params, body }) => Flags.clearWarnings(ctx, params.id, body),
});

const rotate = route({
  method: "post",
  path: "/api/ambassadors/{id}/rotate-code",
  summary: "Replace a code that leaked, or that a checkout does not take",
  description:
    "The ambassador gets a new code at once and a mail about it. The old one works until its grace has ended, then the checkouts switch it off; one that has failed gets no grace.",
  tag,
  permission: "code.rotate",
  params: z.strictObject({ id: idSchema("ambassador") }),
  body: RotateCode,
  status: 201,
  answer: Code,
  answerDescription: "The new code; activating until every checkout has it",
  handle: ({ ctx, params, body }) => Ambassadors.rotateCode(ctx, params.id, body),
});

export const flagRoutes = [list, signals, get, resolve, bulk, raise, clearWarnings, rotate] as const;
