import * as z from "zod";
import { cursor, instant, pageOf } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { privacyKinds } from "./sets.ts";

/** A request about personal data that came by a checkout, and what was done. It names no buyer. */
export const PrivacyRequest = z
  .object({
    id: z
      .string()
      .meta({ description: "The event that brought it: connection id, ~, and the provider's own event id" }),
    connectionId: idSchema("connection"),
    request: z.enum(privacyKinds),
    reference: z.string().nullable().meta({ description: "The checkout's own number of the request" }),
    state: z.enum(["waiting", "done"]),
    receivedAt: instant,
    doneAt: instant.nullable(),
    outcome: z.string().nullable().meta({ description: "What happened, in one sentence" }),
    counts: z.object({
      orders: z.int(),
      customers: z.int(),
      bodies: z.int().meta({ description: "Stored webhooks" }),
    }),
  })
  .meta({ id: "PrivacyRequest" });
export type PrivacyRequest = z.infer<typeof PrivacyRequest>;
export const PrivacyRequestPage = pageOf(PrivacyRequest);
export const ListPrivacyRequests = z.strictObject({ cursor: cursor.optional() });

/** What is kept of a buyer who asked, for the shop's owner to hand over. */
export const PrivacyExport = z
  .object({
    request: z.string(),
    shop: z.string(),
    generatedAt: instant,
    customers: z.array(z.record(z.string(), z.unknown())),
    orders: z.array(z.record(z.string(), z.unknown())),
  })
  .meta({ id: "PrivacyExport" });
export type PrivacyExport = z.infer<typeof PrivacyExport>;
