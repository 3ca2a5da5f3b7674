import * as z from "zod";
import { type Id, type IdKind, idPrefixes } from "./id-kinds.ts";

export function idSchema<K extends IdKind>(kind: K) {
  const prefix = idPrefixes[kind];
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`), `must be an id that starts with ${prefix}_`)
    .meta({ example: `${prefix}_01jd0000000000000000000000` }) as unknown as z.ZodType<Id<K>, string>;
}
