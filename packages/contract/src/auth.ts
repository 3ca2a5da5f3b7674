import * as z from "zod";
import { OwnAmbassador } from "./ambassador.ts";
import { email, linkToken } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { roles } from "./sets.ts";

export const StartSignIn = z.strictObject({ email }).meta({ id: "StartSignIn" });
export const VerifySignIn = z
  .union([
    z.strictObject({ token: linkToken }),
    z.strictObject({
      email,
      code: z
        .string()
        .trim()
        .regex(/^[0-9]{6}$/, "has 6 digits"),
    }),
  ])
  .meta({ id: "VerifySignIn" });

export const Me = z
  .object({
    id: idSchema("person"),
    name: z.string(),
    email: z.string(),
    roles: z.array(z.enum(roles)),
    ambassador: OwnAmbassador.nullable(),
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof Me>;
