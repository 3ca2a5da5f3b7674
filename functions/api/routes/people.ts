import { AllowMail, idSchema } from "@laurel/contract";
import * as Mailboxes from "@laurel/core/mailbox";
import * as z from "zod";
import { route } from "../route.ts";

const allowMail = route({
  method: "post",
  path: "/api/people/{id}/mail/allow",
  summary: "Send mail to a person again",
  description:
    "After mails bounced or were reported as spam, and the person has confirmed that mail arrives and is welcome. Mails that were skipped until then can be tried again one by one. 409 if nothing holds mail back; 503 if the mail service cannot be asked, and then nothing was changed.",
  tag: "Effects",
  permission: "mail.allow",
  params: z.strictObject({ id: idSchema("person") }),
  body: AllowMail,
  handle: async ({ ctx, params, body }) => {
    await Mailboxes.allowMail(ctx, params.id, body);
    return undefined;
  },
});

export const peopleRoutes = [allowMail] as const;
