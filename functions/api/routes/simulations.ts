import { idSchema, JobAnswer, Simulation, StartSimulation } from "@laurel/contract";
import * as Simulations from "@laurel/core/simulation";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Program";

const start = route({
  method: "post",
  path: "/api/simulations",
  summary: "Try rules or rates on the orders of the last days",
  description:
    "What the program would owe if the orders of the last `days` had been decided by these rules and rates: who gains, who loses, and which orders change hands. Nothing is changed by it. Rules that are left out are as in force.",
  tag,
  permission: "program.change",
  body: StartSimulation,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that finds it out; ask for the simulation by the job's id",
  handle: ({ ctx, body }) => Simulations.start(ctx, body),
});

const get = route({
  method: "get",
  path: "/api/simulations/{id}",
  summary: "What came of trying rules",
  description: "Ask again every second or two while its job is waiting or running. Kept for 90 days.",
  tag,
  permission: "program.read",
  params: z.strictObject({ id: idSchema("job") }),
  answer: Simulation,
  handle: ({ ctx, params }) => Simulations.get(ctx, params.id),
});

export const simulationRoutes = [start, get] as const;
