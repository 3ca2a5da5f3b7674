/** Every kind of id and its prefix. Ids are TypeIDs (https://github.com/jetify-com/typeid): `prefix_` + 26 characters of base 32, sortable by time. */
export const idPrefixes = {
  person: "per",
  application: "app",
  ambassador: "amb",
  tier: "tier",
  campaign: "cmp",
  connection: "con",
  order: "ord",
  entry: "led",
  effect: "eff",
  click: "clk",
  audit: "aud",
  signIn: "sgn",
  request: "req",
  question: "qst",
  job: "job",
  flag: "flg",
  correction: "cor",
  claim: "clm",
} as const;

export type IdKind = keyof typeof idPrefixes;

/** A string that is an id of one kind. The brand keeps an order's id out of an ambassador's place. */
export type Id<K extends IdKind> = string & { readonly __id?: K };
