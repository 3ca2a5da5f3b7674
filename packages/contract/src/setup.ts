import * as z from "zod";

/** In the order in which they are best taken. */
export const setupSteps = ["sign_in", "connect", "sender", "sandbox", "brand", "share", "first_event"] as const;
export type SetupStepName = (typeof setupSteps)[number];

/** `next` is the one to take now; `waiting` waits for somebody else and holds nothing up. */
export const setupStates = ["done", "next", "waiting", "later"] as const;

export const SetupStep = z.object({
  step: z.enum(setupSteps),
  state: z.enum(setupStates),
  about: z.string().nullable().meta({ description: "What is known of it at this moment, in words, where that helps" }),
  href: z.string().nullable().meta({ description: "Where it is done, if that is not in the portal" }),
});
export type SetupStep = z.infer<typeof SetupStep>;

/** What is to be done after a deployment, and how far that is. */
export const Setup = z
  .object({
    finished: z.boolean().meta({ description: "Once all was done; it stays so" }),
    steps: z.array(SetupStep).meta({
      description: "Empty once it is finished. On a machine of one's own those of Amazon's mail service are left out",
    }),
  })
  .meta({ id: "Setup" });
export type Setup = z.infer<typeof Setup>;
