import { createHmac } from "node:crypto";
import type { Marks } from "../flag/index.ts";
import type { Keys } from "../kernel/secrecy.ts";

type Json = Record<string, unknown>;
const maxNodes = 5_000;
/** Where Shopify tells where goods come from (`origin_location`, `origin_address`): the same in every order of a shop. */
const shopsOwn = /^origin_/;

/**
 * Card fingerprints and postal addresses in the bodies of events, as keyed hashes to compare with. Checkouts call the parts of
 * an address differently and put it in different places, so it is known by its parts wherever it stands, but where the shop's own does.
 */
export function marksOf(keys: Keys, bodies: readonly unknown[]): Marks {
  const [cards, addresses] = [new Set<string>(), new Set<string>()];
  const hash = (text: string) => createHmac("sha256", keys.email).update(text).digest("base64url");
  const work: unknown[] = [...bodies];
  for (let seen = 0; work.length > 0 && seen < maxNodes; seen++) {
    const node = work.pop();
    if (node === null || typeof node !== "object") continue;
    const { fingerprint } = node as Json;
    if (typeof fingerprint === "string" && /^[A-Za-z0-9]{10,40}$/.test(fingerprint))
      cards.add(hash(`card ${fingerprint}`));
    const address = addressIn(node as Json);
    if (address) addresses.add(hash(`address ${address}`));
    work.push(...Object.keys(node).flatMap((name) => (shopsOwn.test(name) ? [] : [(node as Json)[name]])));
  }
  return { cards: [...cards], addresses: [...addresses] };
}

const first = (node: Json, ...names: string[]): string =>
  names
    .map((name) => node[name])
    .find((value): value is string => typeof value === "string" && value.trim() !== "")
    ?.normalize("NFKD")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^\p{L}\p{N}]/gu, "")
    // However it is abbreviated.
    .replace(/strasse/g, "str") ?? "";

/** Street, postal code and country; undefined where one of them is missing. */
function addressIn(node: Json): string | undefined {
  const parts = [
    first(node, "line1", "address1", "address_1"),
    first(node, "postal_code", "zip", "postcode"),
    first(node, "country_code", "country"),
  ];
  return parts.every((part) => part !== "") ? parts.join(" ") : undefined;
}
