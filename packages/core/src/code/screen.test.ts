import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";
import { describe, expect, test } from "vitest";
import { allowedNames } from "./allow.ts";
import { deniedAlone, deniedAnywhere, deniedNumbers, reserved } from "./deny.ts";
import { friendlyWords } from "./friendly-words.ts";
import { isAcceptableCode, isPresentable } from "./screen.ts";

const offers = Array.from({ length: 100 }, (_, at) => at + 1).filter((offer) => !deniedNumbers.has(String(offer)));

describe("what people may choose", () => {
  test.each(
    "ANNA15 ANA15 ANNA18 MARIA10 SHEILA15 HEIDI20 PAUL15 JAMES5 NATASHA1 CASSANDRA15 ANALIA15 ANNALISE20 GEORGY15 HARSHIT10 IGNAZIO25 FUKUDA10 DICKSON15 1988ANNA RUN2069 SUNNYDAY CHOPIN1810 THERAPIST10 SPICE20 PENELOPE15 PHOEBE10 HEROINE15".split(
      " ",
    ),
  )("%s is fine", (code) => expect(isAcceptableCode(code)).toEqual({ ok: true }));

  test.each(
    [
      "FUCK15 F0CK F4CK15 FUCKYOU SH1T SH1T15 SHIT15 S3HIT7 B1TCH20 A55H01E ASSHOLE15 ASS15 CUNT20 C0CK15 COCKS DICK15 D1CK PU55Y",
      "NIGGER15 N1GGA FAGG0T FAG15 K1KE10 RETARD5 TRANNY20 SLUT15 WH0RE10 WHORE15 PAKI10 PAK1",
      "NAZI15 N4Z1 NAZ15 HITLER20 H1TLER HEIL15 HEIL88 SIEGHEIL KKK15 WHITEPOWER J1HAD10 ISIS20 RAPIST10",
      "ANNA88 ANNA1488 88ANNA ANNA8814 X14880 MAX666 MAX69 MAX420 C18 AH18 HH18",
      "PUTA15 PUT4 KURWA10 CAZZO15 SCHEISSE15 FOTZE10 PUTAIN20 MERDE MIERDA5 SUKA15 OROSPU15 CHUTIYA10",
      "SCAM15 KILL15 K1LL D34TH COCAINE15 XXX20 ONLYFANS10 V1AGRA",
    ]
      .join(" ")
      .split(" "),
  )("%s is refused", (code) => expect(isAcceptableCode(code).ok).toBe(false));

  test("the reason tells what to do and does not repeat the word", () => {
    expect(isAcceptableCode("AB")).toEqual({ ok: false, reason: "has 3 to 20 characters, A to Z and 0 to 9" });
    expect(isAcceptableCode("anna15")).toMatchObject({ ok: false });
    expect(isAcceptableCode("ANNA-15")).toMatchObject({ ok: false });
    expect(isAcceptableCode("A".repeat(21))).toMatchObject({ ok: false });
    expect(isAcceptableCode("12345")).toEqual({ ok: false, reason: "needs at least one letter" });
    expect(isAcceptableCode("ADMIN10")).toMatchObject({ reason: expect.stringContaining("something else") });
    expect(isAcceptableCode("NAZI10")).toMatchObject({ reason: expect.not.stringMatching(/nazi/i) });
  });
});

describe("the lists", () => {
  const dataset = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });

  test("every denied word is refused, alone and with an offer", () => {
    for (const word of [...deniedAnywhere, ...deniedAlone, ...reserved]) {
      const code = word.toUpperCase();
      expect(isPresentable(code), code).toBe(false);
      for (const offer of [10, 15, 100]) expect(isPresentable(code + offer), code + offer).toBe(false);
    }
    for (const word of deniedAnywhere) expect(isPresentable(`MY${word.toUpperCase()}S`), word).toBe(false);
  });

  test("every allowed name passes with usual offers, and would be refused without its place in the list", () => {
    for (const name of allowedNames) {
      for (const offer of ["", 5, 10, 15, 20, 25])
        expect(isPresentable(name.toUpperCase() + offer), name + offer).toBe(true);
      expect(dataset.hasMatch(name) || deniedAnywhere.some((word) => name.includes(word)), name).toBe(true);
    }
  });

  test("an allowed name does not excuse another word beside it", () => {
    for (const code of ["IGNAZIFUCK", "GEORGYSEXY", "HARSHITSHIT", "ANALIACUNT"])
      expect(isPresentable(code), code).toBe(false);
    expect(isPresentable("NAZIGEORGY")).toBe(false);
  });

  test("friendly words suit every offer", () => {
    expect(new Set(friendlyWords).size).toBe(friendlyWords.length);
    for (const word of friendlyWords) {
      expect(word).toMatch(/^[A-Z]{4,8}$/);
      expect(word).not.toMatch(/[IO]$/);
      for (const offer of offers) expect(isPresentable(word + offer), word + offer).toBe(true);
    }
  });
});
