import { refuse } from "./refusal.ts";

/** What Stripe takes in charges (https://docs.stripe.com/currencies). */
const supported = new Set(
  `usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk
   djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd
   kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar
   ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf
   yer zar zmw`.split(/\s+/),
);
/** Three decimals, of which the last must be 0. */
const threeDecimals = new Set(["bhd", "jod", "kwd", "omr", "tnd"]);
/** Kept at two decimals for old times' sake; the decimals must be 00. */
const wholeOnly = new Set(["isk", "ugx"]);
/** The least that can be charged, in minor units, where Stripe names one. */
const least: Record<string, number> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  jpy: 50,
  chf: 50,
  aud: 50,
  cad: 50,
  nzd: 50,
  sgd: 50,
  dkk: 250,
  nok: 300,
  sek: 300,
  pln: 200,
};

export function currencyOf(value: string, param: string): string {
  const currency = value.toLowerCase();
  if (!supported.has(currency))
    refuse(
      `Invalid currency: ${value.slice(0, 20)}. Stripe currently supports these currencies: ${[...supported].join(", ")}`,
      { param },
    );
  return currency;
}

/** Refuses a total that cannot be charged in its currency. */
export function checkChargeable(amount: number, currency: string, param: string): void {
  if (amount > 99_999_999)
    refuse("Amount must be no more than 999,999.99 of its currency", { code: "amount_too_large", param });
  if (amount < (least[currency] ?? 1))
    refuse(`The total amount due must add up to at least ${least[currency] ?? 1} minor units of ${currency}`, {
      code: "amount_too_small",
      param,
    });
  const step = threeDecimals.has(currency) ? 10 : wholeOnly.has(currency) ? 100 : 1;
  if (amount % step !== 0)
    refuse(`Invalid amount: amounts in ${currency} must be a multiple of ${step}`, { code: "amount_invalid", param });
}
