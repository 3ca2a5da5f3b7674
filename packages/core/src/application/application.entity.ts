import { applicationStatuses } from "@laurel/contract";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** The decision to put somebody on the waiting list. */
export interface EarlierDecision {
  outcome: "waitlisted";
  decidedAt: string;
  decidedBy: string;
  note?: string | undefined;
  effectId?: string | undefined;
  jobId?: string | undefined;
}

/**
 * A request to join. What is personal in it stands in the person's `ANSWERS#` item; here is what lists filter by and
 * what was decided. Always replaced as a whole, on its version.
 */
export const ApplicationEntity = new Entity(
  {
    model: { entity: "application", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      personId: { type: "string", required: true },
      status: { type: [...applicationStatuses] as const, required: true },
      niche: { type: "string", required: true },
      country: { type: "string", required: true },
      /** Of the largest channel. */
      maxFollowers: { type: "number", required: true },
      accepted: {
        type: "map",
        required: true,
        properties: {
          guidelinesVersion: { type: "string", required: true },
          termsVersion: { type: "string", required: true },
          privacyVersion: { type: "string", required: true },
          at: { type: "string", required: true },
        },
      },
      submittedAt: { type: "string", required: true },
      /** Until then, exclusive, the address can be confirmed. */
      confirmBy: { type: "string", required: true },
      confirmedAt: { type: "string" },
      /** The latest decision; earlier ones are in the audit log. */
      decision: {
        type: "map",
        properties: {
          outcome: { type: ["approved", "waitlisted", "declined"] as const, required: true },
          decidedAt: { type: "string", required: true },
          /** The id of the person who decided, or the name of the program's own job. */
          decidedBy: { type: "string", required: true },
          reason: { type: "string" },
          /** The team's own words, never shown to the applicant. */
          note: { type: "string" },
          reapply: {
            type: "map",
            properties: {
              policy: { type: ["now", "after_days", "never"] as const, required: true },
              days: { type: "number" },
            },
          },
          /** The first day, in the program's time zone at the decision, on which a new application is welcome. */
          reapplyOn: { type: "string" },
          /** The effect that mails it; what is mailed for any other decision is out of date. */
          effectId: { type: "string" },
          /** The job that decided it among many. */
          jobId: { type: "string" },
          /** The place on the waiting list that a decline ended, so that undoing gives it back. */
          waitlisted: { type: CustomAttributeType<EarlierDecision>("any") },
        },
      },
      ambassadorId: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      /** What does this application say? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "APP#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "APPLICATION" },
      },
      /** Which applications are in this state, the newest first? The marketer's queue. */
      byStatus: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["status"], template: "APPS#${status}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["submittedAt", "id"], template: "${submittedAt}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type ApplicationItem = EntityItem<typeof ApplicationEntity>;
