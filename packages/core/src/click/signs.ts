/** What is kept of where a visit came from: whether somebody paid for it, and whether a coupon site sent it. */
export interface Signs {
  ads?: string;
  couponSite?: string;
}

/** Ids that only advertisements add to a link. */
const adIds = ["gclid", "gbraid", "wbraid", "dclid", "msclkid", "ttclid", "twclid", "li_fat_id", "epik", "yclid"];
/** Ids that some networks add to every link, paid for or not: they say something only where the link calls itself paid. */
const anyIds = ["fbclid", "igshid", "ScCid"];
const paidMedium = /^(cpc|ppc|cpm|cpv|sem|ads?|paid[ _-]?(search|social|media|ads?)?)$/i;

/** Words that coupon sites carry in their names, and well-known sites that carry none. */
const couponWords =
  /coupon|voucher|promo-?code|discount-?code|gutschein|rabatt|kortingscode|codepromo|codicesconto|rabattkod/;
const couponSites =
  /(^|\.)(retailmenot\.com|joinhoney\.com|honey\.io|groupon\.[a-z.]+|slickdeals\.net|dealspotr\.com|wethrift\.com|knoji\.com|simplycodes\.com|hotukdeals\.com|mydealz\.de|pepper\.com|dealabs\.com|topcashback\.[a-z.]+|quidco\.com|rakuten\.(com|co\.uk|de)|sparwelt\.de|dealsplus\.com|offers\.com|shoop\.[a-z]+|igraal\.[a-z]+)$/;

/**
 * The signs of a visit, from its own query and the page that it came from. Names alone: no id and no address is kept, and no
 * site but that of coupons.
 */
export function signsOf(query: URLSearchParams, referrer: string | undefined): Signs {
  const signs: Signs = {};
  const paid = paidMedium.test(query.get("utm_medium") ?? "");
  const ads = [...adIds, ...(paid ? anyIds : [])].find((name) => query.has(name)) ?? (paid ? "utm_medium" : undefined);
  if (ads) signs.ads = ads;
  const host = hostOf(referrer);
  if (host && (couponWords.test(host) || couponSites.test(host))) signs.couponSite = host;
  return signs;
}

function hostOf(referrer: string | undefined): string | undefined {
  try {
    const host = new URL(referrer ?? "").hostname.toLowerCase().replace(/^www\./, "");
    return host.length > 0 && host.length <= 100 ? host : undefined;
  } catch {
    return undefined;
  }
}
