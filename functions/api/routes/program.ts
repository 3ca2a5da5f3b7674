import { PatchProgram, Program, PublicProgram } from "@laurel/contract";
import * as Programs from "@laurel/core/program";
import { route } from "../route.ts";

const tag = "Program";

const get = route({
  method: "get",
  path: "/api/program",
  summary: "The program's settings",
  tag,
  permission: "program.read",
  answer: Program,
  handle: ({ ctx }) => Programs.get(ctx),
});

const getPublic = route({
  method: "get",
  path: "/api/program/public",
  summary: "What anyone may know of the program",
  description: "Enough to show the application form and the texts that an applicant accepts.",
  tag,
  permission: "public",
  answer: PublicProgram,
  handle: async ({ ctx }) => Programs.serialize((await ctx.program()).program),
});

const change = route({
  method: "patch",
  path: "/api/program",
  summary: "Change the program's settings",
  description: "Send the version that you saw; a change by somebody else in between answers 409.",
  tag,
  permission: "program.change",
  body: PatchProgram,
  answer: Program,
  handle: async ({ ctx, body, runtime }) => {
    const program = await Programs.change(ctx, body);
    runtime.forgetProgram();
    return program;
  },
});

export const programRoutes = [get, getPublic, change] as const;
