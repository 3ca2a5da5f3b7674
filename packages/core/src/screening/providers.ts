/**
 * Mail providers where anybody can have an address, by the first part of their registrable domain (`gmx` for gmx.de and
 * gmx.net alike). To share one says nothing.
 */
const names =
  "gmail googlemail outlook hotmail live msn yahoo ymail rocketmail icloud me mac aol gmx web t-online freenet arcor mail email posteo mailbox proton protonmail pm tutanota tutamail tuta keemail fastmail hey zoho yandex ya qq 163 126 sina foxmail naver daum hanmail kakao rediffmail orange wanadoo free sfr laposte neuf bbox numericable libero virgilio alice tiscali tin iol fastwebnet tim bluewin hispeed sunrise gmx vodafone kabelmail unitymedia o2online telenet skynet proximus ziggo kpnmail kpnplanet planet xs4all hetnet home upcmail chello aon a1 drei telia comhem bredband spray telenor online getmail tele2 elisa kolumbus saunalahti wp onet op o2 interia poczta tlen seznam centrum atlas post azet zoznam freemail citromail indamail uol bol terra ig globo sapo btinternet btopenworld sky virginmedia ntlworld talktalk blueyonder tiscali plusnet comcast xfinity verizon att sbcglobal bellsouth cox charter spectrum earthlink juno rogers bell sympatico shaw telus videotron bigpond optusnet iinet internode xtra telefonica movistar ono terra inbox list bk rambler ukr duck simplelogin anonaddy addy mozmail relay".split(
    " ",
  );

const known = new Set(names);

/** Names that belong to nobody: https://www.rfc-editor.org/rfc/rfc2606 */
const reserved = /(^|\.)(example(\.(com|net|org))?|test|invalid|localhost)$/;

/** @param registrable such as `gmx.de`; the name alone decides, since providers have it under many endings */
export const isPublicProvider = (registrable: string): boolean =>
  known.has(registrable.slice(0, registrable.indexOf("."))) || reserved.test(registrable);

/** Providers that ignore dots before the `@`, and the domains that are another name of theirs. */
const dotless = new Set(["gmail.com", "googlemail.com"]);
const sameAs: Readonly<Record<string, string>> = {
  "googlemail.com": "gmail.com",
  "me.com": "icloud.com",
  "mac.com": "icloud.com",
  "protonmail.com": "proton.me",
  "pm.me": "proton.me",
  "ya.ru": "yandex.ru",
};

/**
 * The mailbox behind an address: what comes after a `+` is left out, dots where they do not count, and other names of the
 * provider become one. Only to compare with: two people may share what comes out at a provider where `+` is a letter.
 * @param normalised as `normaliseEmail` gives it
 */
export function foldedEmail(normalised: string): string {
  const at = normalised.lastIndexOf("@");
  const [local, domain] = [normalised.slice(0, at), normalised.slice(at + 1)];
  const bare = local.replace(/(?<=.)\+.*$/, "");
  const dots = dotless.has(domain) ? bare.replaceAll(".", "") : bare;
  return `${dots === "" ? local : dots}@${sameAs[domain] ?? domain}`;
}
