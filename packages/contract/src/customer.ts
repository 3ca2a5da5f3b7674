import * as z from "zod";
import { line } from "./basics.ts";

/** At most so many at once; a longer list is imported in parts, each of which may be sent again. */
export const maxImportedCustomers = 2000;

/** People who bought before the program began, so that it knows who is new. */
export const ImportCustomers = z.strictObject({
  customers: z.array(line(320)).min(1).max(maxImportedCustomers).meta({
    description:
      "E-mail addresses, or the SHA-256 of each (hexadecimal, of the address trimmed, in Unicode form C and in small letters). Only keyed hashes are stored.",
  }),
});
export type ImportCustomers = z.infer<typeof ImportCustomers>;
