import { Health } from "@laurel/contract";
import { AppError } from "@laurel/core/kernel";
import { getItem } from "@laurel/core/table";
import { route } from "../route.ts";

const health = route({
  method: "get",
  path: "/api/health",
  summary: "Whether Laurel works",
  description: "Reads the program from the data store, nothing kept, so that 200 means that all of the way works.",
  tag: "Program",
  permission: "public",
  answer: Health,
  handle: async ({ ctx }) => {
    const program = await getItem(ctx.table, { pk: "PROGRAM", sk: "SETTINGS" });
    if (!program)
      throw new AppError("unavailable", "program.missing", "The program is not set up yet.", { retryAfterMs: 5000 });
    return { status: "ok" as const, program: String(program.name), time: ctx.now().toISOString() };
  },
});

export const healthRoutes = [health] as const;
