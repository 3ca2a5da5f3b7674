/**
 * What no promo code may say, beside what the `obscenity` dataset already refuses: it knows English swear words, but not
 * hatred, other languages, or what merely embarrasses a brand. Lower case, ASCII; digits are folded to letters before
 * comparing, so write words as they are spelt.
 */

/** Refused wherever they stand in a code. Mind names that contain them; those go into `allow.ts`. */
export const deniedAnywhere: readonly string[] = [
  // Hatred and terror
  ..."nazi hitler siegheil heilhit himmler goebbels mengele gestapo swastika hakenkreuz holocaust genocid kkk".split(
    " ",
  ),
  ..."whitepower whitepride whitelives rahowa wpww jihad taliban alqaeda terrorist apartheid".split(" "),
  ..."kaffir wetback raghead towelhead sandnig shemale chinaman judensau zigeuner kanake".split(" "),
  // Sex, violence, drugs
  ..."pedoph paedoph wanker cocksuck suckmy onlyfans xxx nsfw bdsm sexy sexting murder suicid cocain covid".split(" "),
  // Other languages: German, French, Spanish, Portuguese, Italian, Slavic, Turkish, Hindi, Arabic
  ..."fotze wichs scheiss arschl hurensohn missgeburt schlampe schwuchtel".split(" "),
  ..."putain connard encule salope niquetam".split(" "),
  ..."mierda pendej cabron maricon hijodeput caralho buceta".split(" "),
  ..."cazzo stronz vaffan frocio".split(" "),
  ..."kurwa pizd blyat blyad mudak pidor".split(" "),
  ..."orospu siktir chutiya madarchod bhenchod behenchod sharmut".split(" "),
];

/** Refused only where the code says nothing else beside digits: harmless inside longer words and names. */
export const deniedAlone: readonly string[] = [
  ..."heil fuhrer fuehrer isis hamas zog acab coon gook spic paki pikey beaner jap homo lesbo rapist".split(" "),
  ..."nonce tosser slag minge knob crap damn milf horny nude nudes stripper escort hoe pedo".split(" "),
  ..."kill killer dead death die hate cancer corpse bomb meth weed crack heroin drug drugs viagra".split(" "),
  ..."scam fraud fake spam stolen stupid idiot loser ugly casino".split(" "),
  ..."hure nutte pute puta puto merde merda troia viado suka khuy kut hoer kanker vittu huora fitta amk".split(" "),
];

/** Refused in the same way, since a shopper would take such a code for something else than an ambassador's. */
export const reserved: readonly string[] =
  "admin official staff employee support test null undefined none free freeship freeshipping refund void".split(" ");

/**
 * Numbers with a meaning that nobody wants beside their name: hate symbols, calls to violence, sex, drugs. A run of digits
 * in a code is refused when it is exactly one of these, so 1988 and 2069 pass. 14, 18 and 28 have such a meaning too, but
 * stand for a plain offer ("18 % off") far more often: they are refused only after the letters of `deniedWithNumber`.
 */
export const deniedNumbers: ReadonlySet<string> = new Set(
  "88 1488 8814 1418 1814 8818 1888 311 318 666 69 6969 420 1312 911 187".split(" "),
);

/** Long numbers are refused even inside longer runs. */
export const deniedDigits: readonly string[] = ["1488", "8814", "6969"];

/** Letters and number together: the whole code. */
export const deniedWithNumber: ReadonlySet<string> = new Set("C18 AH18 HH18 HH14 WP14 BH28 B28 F13 K9K".split(" "));
