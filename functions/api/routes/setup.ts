import { Setup } from "@laurel/contract";
import * as Setups from "@laurel/core/setup";
import { route } from "../route.ts";

const get = route({
  method: "get",
  path: "/api/setup",
  summary: "What is to be done after a deployment, and how far that is",
  description: "Asks the mail service for the state of account and sender. Once all was done, it stays finished.",
  tag: "Program",
  permission: "setup.read",
  answer: Setup,
  handle: ({ ctx }) => Setups.get(ctx),
});

export const setupRoutes = [get] as const;
