import type { Key } from "../table/keys.ts";

/** The keys of a person's items, for reads of several kinds in one call. A test holds them equal to the entities'. */
export const personKeys = {
  profile: (personId: string): Key => ({ pk: `PERSON#${personId}`, sk: "PROFILE" }),
  access: (personId: string): Key => ({ pk: `PERSON#${personId}`, sk: "ACCESS" }),
  answers: (personId: string, applicationId: string): Key => ({
    pk: `PERSON#${personId}`,
    sk: `ANSWERS#${applicationId}`,
  }),
  email: (emailKey: string): Key => ({ pk: `EMAIL#${emailKey}`, sk: "PERSON" }),
};
