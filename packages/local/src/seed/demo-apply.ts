import * as Applications from "@laurel/core/application";
import { emailKey } from "@laurel/core/kernel";
import { getItem } from "@laurel/core/table";
import type { DemoApplicant } from "./demo-names.ts";
import { after, hourMs, type Year } from "./demo-year.ts";

/** Applies and confirms at its time. @returns the application's id */
export async function apply(year: Year, at: Date, who: DemoApplicant, confirmed = true): Promise<string> {
  const ctx = year.at(at, `apply ${who.email}`);
  const { program } = await ctx.program();
  await Applications.submit(ctx, {
    ...who,
    ageConfirmed: true,
    guidelinesVersion: program.guidelines.version,
    termsVersion: program.terms.version,
    privacyVersion: program.privacy.version,
    marketingConsent: who.name.length % 2 === 0,
    answers: {},
  });
  const claim = await getItem(ctx.table, Applications.claimKey(emailKey(ctx.keys, who.email)));
  const id = claim?.applicationId as string | undefined;
  if (!id) throw new Error(`The demo's application of ${who.email} was not taken`);
  if (confirmed) {
    const later = year.at(after(at, hourMs), `confirm ${who.email}`);
    await Applications.confirm(later, Applications.tokenOf(later, id));
  }
  return id;
}
