import { ImportCustomers, JobAnswer } from "@laurel/contract";
import * as Customers from "@laurel/core/customer";
import { route } from "../route.ts";

const imported = route({
  method: "post",
  path: "/api/customers/imports",
  summary: "Tell who bought before",
  description:
    "Up to 2,000 e-mail addresses or SHA-256 hashes of them at once, so that orders tell new customers from returning ones. Only keyed hashes are stored; sending a list again changes nothing.",
  tag: "Customers",
  permission: "customer.import",
  body: ImportCustomers,
  status: 202,
  answer: JobAnswer,
  answerDescription: "The job that takes them in; ask for it to see how far it is",
  handle: ({ ctx, body }) => Customers.importCustomers(ctx, body),
});

export const customerRoutes = [imported] as const;
