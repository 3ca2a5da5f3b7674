import * as z from "zod";

/** Problem details, RFC 9457, with our own members. */
export const Problem = z
  .object({
    type: z.string().meta({ description: "A URI that names the kind of problem" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What happened and what to do about it" }),
    instance: z.string().meta({ description: "The path that was asked for" }),
    code: z
      .string()
      .meta({ description: "A stable dotted code, for programs", example: "application.already_decided" }),
    requestId: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "The fields that are wrong, where any are" }),
    retryAfterMs: z.int().optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;
