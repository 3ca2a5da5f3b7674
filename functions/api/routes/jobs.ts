import { GetJob, idSchema, JobAnswer, JobDetail } from "@laurel/contract";
import * as Jobs from "@laurel/core/job-runner";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Jobs";
const params = z.strictObject({ id: idSchema("job") });

const get = route({
  method: "get",
  path: "/api/jobs/{id}",
  summary: "How far a job is, and what came of each row",
  description: "Ask again every second or two while it is waiting or running. Kept for 90 days.",
  tag,
  permission: "job.read",
  params,
  query: GetJob,
  answer: JobDetail,
  handle: ({ ctx, params, query }) => Jobs.get(ctx, params.id, query),
});

const undo = route({
  method: "post",
  path: "/api/jobs/{id}/undo",
  summary: "Take back what a job did",
  description:
    "Once, for 10 minutes. A job of its own that undoes row by row what this one decided; a row that was decided anew since, or can't be undone any more, is refused in that job's result.",
  tag,
  permission: "application.decide",
  params,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that undoes; ask for it to see how far it is",
  handle: ({ ctx, params }) => Jobs.undo(ctx, params.id),
});

export const jobRoutes = [get, undo] as const;
