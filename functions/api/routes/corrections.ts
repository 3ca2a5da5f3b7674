import {
  ApproveCorrection,
  Correction,
  CorrectionDetail,
  CorrectionPage,
  CorrectionPreview,
  idSchema,
  ListCorrections,
  PreviewCorrection,
  ProposeCorrection,
  RejectCorrection,
} from "@laurel/contract";
import { withCorrection } from "@laurel/core/claim";
import * as Corrections from "@laurel/core/correction";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Corrections";
const one = z.strictObject({ id: idSchema("correction") });
const order = z.strictObject({ id: idSchema("order") });

const preview = route({
  method: "post",
  path: "/api/orders/{id}/corrections/preview",
  summary: "What a correction would do to whom",
  description: "In figures, by the rules that would do it. Nothing is written.",
  tag,
  permission: "order.correct",
  params: order,
  body: PreviewCorrection,
  answer: CorrectionPreview,
  idempotency: false,
  handle: ({ ctx, params, body }) => Corrections.preview(ctx, params.id, body),
});

const propose = route({
  method: "post",
  path: "/api/orders/{id}/corrections",
  summary: "Say by hand whose an order is",
  description:
    "The former commission is reversed in full and the new one earned, as new entries and a new revision of the receipt. It is final: nothing that becomes known later changes it, but refunds and disputes go on. One that moves more than the program's limit waits for a second person (`proposed`). 409 if the order changed since you saw it, or another correction of it waits.",
  tag,
  permission: "order.correct",
  params: order,
  body: ProposeCorrection,
  status: 201,
  answer: Correction,
  handle: ({ ctx, params, body }) => Corrections.propose(ctx, params.id, body),
});

const list = route({
  method: "get",
  path: "/api/corrections",
  summary: "Corrections by hand, newest first",
  description: "Those that wait for a second person, unless another state is asked for.",
  tag,
  permission: "correction.read",
  query: ListCorrections,
  answer: CorrectionPage,
  handle: ({ ctx, query }) => Corrections.list(ctx, query),
});

const get = route({
  method: "get",
  path: "/api/corrections/{id}",
  summary: "One correction, and what approving it would do now",
  tag,
  permission: "correction.read",
  params: one,
  answer: CorrectionDetail,
  handle: ({ ctx, params }) => Corrections.get(ctx, params.id),
});

const approve = route({
  method: "post",
  path: "/api/corrections/{id}/approve",
  summary: "Let a waiting correction become true",
  description:
    "By somebody else than who proposed it, and never about oneself. 409 if it was decided or the order changed; the claim that asked for it is approved with it.",
  tag,
  permission: "order.correct",
  params: one,
  body: ApproveCorrection,
  answer: Correction,
  handle: ({ ctx, params, body }) => Corrections.approve(ctx, params.id, body, withCorrection),
});

const reject = route({
  method: "post",
  path: "/api/corrections/{id}/reject",
  summary: "End a waiting correction",
  description: "Whoever proposed it may take it back so. A claim that asked for it is open again.",
  tag,
  permission: "order.correct",
  params: one,
  body: RejectCorrection,
  answer: Correction,
  handle: ({ ctx, params, body }) => Corrections.reject(ctx, params.id, body, withCorrection),
});

export const correctionRoutes = [preview, propose, list, get, approve, reject] as const;
