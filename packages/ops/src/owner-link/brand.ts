import { currency, PatchProgram } from "@laurel/contract";
import { isCurrency } from "@laurel/core/kernel";
import type { Brand } from "@laurel/core/program";
import type { Option } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";

/** What only the first owner link needs: nobody else can know it of the brand. */
export const brandOptions = {
  brand: { type: "string", value: '"Your Brand"', help: "the program's name, as applicants read it" },
  currency: { type: "string", value: "EUR", help: "what commissions are counted in; it stays" },
  "time-zone": { type: "string", value: "Europe/Berlin", help: "where the program's days begin and end" },
  shop: { type: "string", value: "https://…", help: "the shop's front page" },
  guidelines: { type: "string", value: "https://…", help: "the guidelines for ambassadors; the shop where left out" },
  terms: { type: "string", value: "https://…", help: "the terms of the program; the shop where left out" },
  privacy: { type: "string", value: "https://…", help: "the privacy notice; the shop where left out" },
} as const satisfies Record<string, Option>;

export type BrandValues = { [K in keyof typeof brandOptions]?: string };

const { name, timeZone, shopUrl } = PatchProgram.shape;
const knownCurrency = currency.refine(isCurrency, "is not a currency that ISO 4217 knows");
const checks = {
  brand: name,
  currency: knownCurrency,
  "time-zone": timeZone,
  shop: shopUrl,
  guidelines: shopUrl,
  terms: shopUrl,
  privacy: shopUrl,
};
const needed: readonly string[] = ["brand", "currency", "time-zone", "shop"];

/** @throws Problem that lists every option that is missing or makes no sense */
export function readBrand(values: BrandValues): Brand {
  const read: Record<string, string> = {};
  const wrong: string[] = [];
  for (const [option, shape] of Object.entries(checks)) {
    const value = values[option as keyof BrandValues];
    const { help, value: example } = brandOptions[option as keyof typeof brandOptions];
    if (value === undefined) {
      if (needed.includes(option)) wrong.push(`--${option} ${example}   is missing: ${help}`);
      continue;
    }
    const found = shape.safeParse(value);
    if (found.success) read[option] = found.data as string;
    else wrong.push(`--${option} ${value}   ${found.error.issues[0]!.message}`);
  }
  if (wrong.length > 0)
    throw new Problem(`There is no program yet, so the first link also sets it up.\n\n  ${wrong.join("\n  ")}`);
  const shop = read.shop!;
  return {
    name: read.brand!,
    currency: read.currency!,
    timeZone: read["time-zone"]!,
    shopUrl: shop,
    guidelinesUrl: read.guidelines ?? shop,
    termsUrl: read.terms ?? shop,
    privacyUrl: read.privacy ?? shop,
  };
}

/** The texts that are not there yet, for the reminder. */
export const missingTexts = (values: BrandValues): string[] =>
  (["guidelines", "terms", "privacy"] as const).filter((option) => values[option] === undefined);
