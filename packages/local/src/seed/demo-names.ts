/** First names from many places; the surname says what they are. */
const given = [
  "Anna",
  "Mateo",
  "Yuki",
  "Léa",
  "Amir",
  "Sofía",
  "Jonas",
  "Priya",
  "Zoë",
  "Tomasz",
  "Nina",
  "Björn",
  "Chloé",
  "Diego",
  "Aylin",
  "Noah",
  "Ingrid",
  "Kwame",
  "Mei",
  "Lucas",
  "Freya",
  "Omar",
  "Clara",
  "Ivan",
  "Saga",
  "Hugo",
  "Elif",
  "Marta",
  "Theo",
  "Ada",
  "Rafael",
  "Lina",
  "Oskar",
  "Tara",
  "Felix",
  "Noor",
  "Emil",
  "Rosa",
  "Kenji",
  "Alma",
  "Pavel",
  "Juno",
  "Silas",
  "Vera",
  "Malik",
];

/** Some of a big demo have their mail at a place of their own; nobody can have that name. */
export const privateDomain = "@demo-outfitters.internal";

const niches = ["Running", "Cycling", "Outdoors", "Fitness", "Food", "Travel", "Family", "Style"];
const countries = ["DE", "FR", "ES", "US", "JP", "GB", "NL", "SE", "IT", "PL"];
const kinds = ["instagram", "tiktok", "youtube", "blog", "newsletter"] as const;
const whys = [
  "I have worn your jacket through three winters and people keep asking me about it.",
  "I lead a running group on Thursdays; half of us already buy from you.",
  "I write about slow travel and only recommend what I use myself.",
  "My videos show gear after a year of use, the scratches included. Yours did well.",
  "I teach children to climb, and their parents ask me what to buy.",
];

export interface DemoApplicant {
  name: string;
  email: string;
  country: string;
  niche: string;
  why: string;
  channels: { kind: (typeof kinds)[number]; handle: string; followers: number }[];
}

/** The n-th applicant of the demo; the same for the same numbers. */
export function demoApplicant(n: number, random: () => number): DemoApplicant {
  const first = given[n % given.length]!;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const handle = `@demo.${first
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase()}${n + 1}`;
  const channels = [...new Set([pick(kinds), ...(random() < 0.4 ? [pick(kinds)] : [])])];
  return {
    name: `${first} Example`,
    email: `ambassador${String(n + 1).padStart(2, "0")}@example.com`,
    country: pick(countries),
    niche: pick(niches),
    why: pick(whys),
    channels: channels.map((kind) => ({ kind, handle, followers: Math.floor(10 ** (2.4 + random() * 2.6)) })),
  };
}
