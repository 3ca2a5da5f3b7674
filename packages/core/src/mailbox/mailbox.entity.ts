import { Entity, type EntityItem } from "electrodb";
import { feedbackReasons } from "../gateway/mail/feedback.ts";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/**
 * What the mail service has told of a person's mailbox; absent as long as it told nothing. It is about the address that
 * the person has now: whoever changes the address deletes it.
 */
export const MailboxEntity = new Entity(
  {
    model: { entity: "mailbox", version: "1", service },
    attributes: {
      personId: { type: "string", required: true },
      /** It refuses mail for good. */
      bounced: {
        type: "map",
        properties: {
          since: { type: "string", required: true },
          reason: { type: [...feedbackReasons] as const, required: true },
        },
      },
      /** Its holder called a mail of ours spam. */
      complained: { type: "map", properties: { since: { type: "string", required: true } } },
      /** What came back for reasons that may pass, the newest last; each once, by the service's own id. */
      returned: {
        type: "list",
        required: true,
        items: {
          type: "map",
          properties: {
            id: { type: "string", required: true },
            at: { type: "string", required: true },
            reason: { type: [...feedbackReasons] as const, required: true },
          },
        },
      },
      /** Somebody of the team had the person's word that mail is welcome: what was sent before counts no more. */
      allowedAt: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      /** Does mail reach this person? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "MAILBOX" },
      },
    },
  },
  { table: anyTable },
);
export type Mailbox = EntityItem<typeof MailboxEntity>;

export const mailboxKey = (personId: string): Key => ({ pk: `PERSON#${personId}`, sk: "MAILBOX" });
