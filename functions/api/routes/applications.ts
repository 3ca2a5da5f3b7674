import {
  ApplicantViewAnswer,
  Application,
  ApplicationLink,
  ApplicationPage,
  ApproveAnswer,
  ApproveApplication,
  BulkDecision,
  CheckYourMail,
  DeclineApplication,
  idSchema,
  JobAnswer,
  ListApplications,
  SubmitApplication,
  UndoDecision,
  WaitlistApplication,
} from "@laurel/contract";
import * as Applications from "@laurel/core/application";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Applications";
const params = z.strictObject({ id: idSchema("application") });

const submit = route({
  method: "post",
  path: "/api/applications",
  summary: "Apply to become an ambassador",
  description:
    "The answer is the same for a new address, for a second application and for somebody who may not apply: the mail tells. 5 an hour an address, 30 an hour a network.",
  tag,
  permission: "public",
  body: SubmitApplication,
  status: 202,
  answer: CheckYourMail,
  answerDescription: "A mail is on its way to the address that was given",
  handle: ({ ctx, body }) => Applications.submit(ctx, body),
});

const status = route({
  method: "post",
  path: "/api/applications/status",
  summary: "See how one's application stands",
  description: "With the token of the link in any of the application's mails; no account is needed.",
  tag,
  permission: "public",
  body: ApplicationLink,
  answer: ApplicantViewAnswer,
  idempotency: false,
  handle: async ({ ctx, body }) => ({ application: await Applications.status(ctx, body.token) }),
});

const confirm = route({
  method: "post",
  path: "/api/applications/confirm",
  summary: "Confirm the address of one's application",
  description: "Within 7 days. Doing it again changes nothing.",
  tag,
  permission: "public",
  body: ApplicationLink,
  answer: ApplicantViewAnswer,
  handle: async ({ ctx, body }) => ({ application: await Applications.confirm(ctx, body.token) }),
});

const withdraw = route({
  method: "post",
  path: "/api/applications/withdraw",
  summary: "Take one's application back",
  description: "Until it is approved or declined. The address may apply again at once. Doing it again changes nothing.",
  tag,
  permission: "public",
  body: ApplicationLink,
  answer: ApplicantViewAnswer,
  handle: async ({ ctx, body }) => ({ application: await Applications.withdraw(ctx, body.token) }),
});

const list = route({
  method: "get",
  path: "/api/applications",
  summary: "The applications of one status, newest first",
  description: "Filters are applied page by page, so a page may be short, or empty, and still have a cursor.",
  tag,
  permission: "application.read",
  query: ListApplications,
  answer: ApplicationPage,
  handle: ({ ctx, query }) => Applications.list(ctx, query),
});

const get = route({
  method: "get",
  path: "/api/applications/{id}",
  summary: "One application",
  tag,
  permission: "application.read",
  params,
  answer: Application,
  handle: ({ ctx, params }) => Applications.get(ctx, params.id),
});

const approve = route({
  method: "post",
  path: "/api/applications/{id}/approve",
  summary: "Make an applicant an ambassador with a code",
  description:
    "Takes confirmed and waitlisted applications. The code is activating until every checkout has it. 409 if somebody decided first.",
  tag,
  permission: "application.decide",
  params,
  body: ApproveApplication,
  answer: ApproveAnswer,
  handle: ({ ctx, params, body }) => Applications.approve(ctx, params.id, body),
});

const decline = route({
  method: "post",
  path: "/api/applications/{id}/decline",
  summary: "Decline an application",
  description:
    "With a reason that the applicant reads, and from when they may apply again. Takes confirmed and waitlisted applications. 409 if somebody decided first.",
  tag,
  permission: "application.decide",
  params,
  body: DeclineApplication,
  answer: Application,
  handle: ({ ctx, params, body }) => Applications.decline(ctx, params.id, body),
});

const waitlist = route({
  method: "post",
  path: "/api/applications/{id}/waitlist",
  summary: "Put an application on the waiting list",
  description: "Takes confirmed applications; they can be approved or declined later. 409 if somebody decided first.",
  tag,
  permission: "application.decide",
  params,
  body: WaitlistApplication,
  answer: Application,
  handle: ({ ctx, params, body }) => Applications.waitlist(ctx, params.id, body),
});

const undo = route({
  method: "post",
  path: "/api/applications/{id}/undo",
  summary: "Take the latest decision back",
  description:
    "For 10 minutes. What tells of a decline or of the waiting list has waited, so nobody notices. An approval ends the code everywhere, the rights and the sessions, and an apology is mailed; 409 once an order is attributed. Approved again, they are the same ambassador with the same code.",
  tag,
  permission: "application.decide",
  params,
  body: UndoDecision,
  answer: Application,
  handle: ({ ctx, params, body }) => Applications.undo(ctx, params.id, body),
});

const bulk = route({
  method: "post",
  path: "/api/applications/bulk",
  summary: "Approve or decline up to 500 applications",
  description:
    "Each of them is decided by itself and has its own result, as a single decision would; a job does it, goes on after a restart, and can be undone as one.",
  tag,
  permission: "application.decide",
  body: BulkDecision,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that decides them; ask for it to see how far it is",
  handle: ({ ctx, body }) => Applications.bulk(ctx, body),
});

export const applicationRoutes = [
  submit,
  status,
  confirm,
  withdraw,
  list,
  get,
  approve,
  decline,
  waitlist,
  undo,
  bulk,
] as const;
