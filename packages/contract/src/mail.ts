import * as z from "zod";
import { instant, prose } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { mailTroubleKinds } from "./sets.ts";

/** What keeps mail from reaching a person. */
export const MailTrouble = z
  .object({
    personId: idSchema("person"),
    kind: z.enum(mailTroubleKinds),
    stopped: z.boolean().meta({
      description:
        "Whether mail to the address is held back. After a complaint it is, but for what the person asks for themselves: sign-in and application links",
    }),
    since: instant,
    because: z
      .string()
      .meta({ description: "Why, in words that follow a “because”", example: "the mailbox does not exist" }),
  })
  .meta({ id: "MailTrouble" });
export type MailTrouble = z.infer<typeof MailTrouble>;

export const AllowMail = z
  .strictObject({
    note: prose(300, 5).meta({
      description: "How the person confirmed that mail should be sent again; kept in the audit log",
      example: "Told us by phone that the mailbox works again.",
    }),
  })
  .meta({ id: "AllowMail" });
export type AllowMail = z.infer<typeof AllowMail>;
