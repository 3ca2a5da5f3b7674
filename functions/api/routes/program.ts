import { ListRules, PatchProgram, Program, PublicProgram, SavedRulesPage } from "@laurel/contract";
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

const listRules = route({
  method: "get",
  path: "/api/program/rules",
  summary: "All versions of the rules, the newest first",
  description: "A receipt names the version by which its order was decided.",
  tag,
  permission: "program.read",
  query: ListRules,
  answer: SavedRulesPage,
  handle: ({ ctx, query }) => Programs.listRules(ctx, query),
});

export const programRoutes = [get, getPublic, change, listRules] as const;
