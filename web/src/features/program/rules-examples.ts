import type { RankedSignal } from "@laurel/contract";
import type { RuleSet } from "./rules-draft.ts";

/** A short story of an order, and who earns by it under a set of rules. */
export interface Example {
  story: string;
  outcome: string;
  /** `one` and `other` are the ambassadors in the order in which the story brings them up; undefined while a number is missing. */
  earns: "one" | "other" | "nobody" | undefined;
}

const told = (story: string, earns: Example["earns"], outcome: string): Example => ({ story, earns, outcome });
const missing = (story: string): Example => told(story, undefined, "Enter a number first.");
const some = (months: number, less: 1 | -1): string => {
  const count = months + less;
  return count === 0 ? "three weeks" : count === 1 ? "one month" : `${count} months`;
};

/** What each rule means for an order, told by an order. A test plays each of them through the real decision. */
export const examples: Record<keyof RuleSet, (rules: RuleSet) => Example> = {
  precedence: ({ precedence }) => {
    const story = "A follower clicks one ambassador's link, then buys with another's promo code.";
    const winner = precedence.find((kind): kind is Exclude<RankedSignal, "customer"> => kind !== "customer");
    if (winner === "promotion_code") return told(story, "other", "The one whose code it is earns.");
    if (winner === "click") return told(story, "one", "The one whose link it is earns.");
    return told(story, "nobody", "Nobody earns: neither is looked at.");
  },
  clickWindowDays: ({ clickWindowDays: days, precedence }) => {
    const story = `A follower clicks an ambassador's link and buys ${Number.isNaN(days) ? "… days" : days === 1 ? "one day" : `${days} days`} later, without a code.`;
    if (!precedence.includes("click")) return told(story, "nobody", "Nobody earns: clicks are not looked at.");
    if (Number.isNaN(days)) return missing(story);
    return told(story, "one", "The ambassador earns. A day later, nobody would.");
  },
  clickTouch: ({ clickTouch, precedence }) => {
    const story = "A follower clicks one ambassador's link on Monday and another's on Tuesday, and buys the same day.";
    if (!precedence.includes("click")) return told(story, "nobody", "Nobody earns: clicks are not looked at.");
    return clickTouch === "first"
      ? told(story, "one", "The one of Monday earns.")
      : told(story, "other", "The one of Tuesday earns.");
  },
  severalCodes: ({ severalCodes, precedence }) => {
    const story = "A buyer enters one ambassador's code, then another's, and nothing else names anybody.";
    if (!precedence.includes("promotion_code")) return told(story, "nobody", "Nobody earns: codes are not looked at.");
    if (severalCodes === "nobody") return told(story, "nobody", "Nobody earns by either code.");
    return severalCodes === "first"
      ? told(story, "one", "The one whose code was entered first earns.")
      : told(story, "other", "The one whose code was entered last earns.");
  },
  newCustomersOnly: ({ newCustomersOnly, precedence }) => {
    const story = "Somebody who bought last year buys again, with an ambassador's code.";
    if (!precedence.includes("promotion_code")) return told(story, "nobody", "Nobody earns: codes are not looked at.");
    return newCustomersOnly
      ? told(story, "nobody", "Nobody earns by the code. An ambassador whom the customer is bound to still would.")
      : told(story, "one", "The ambassador earns.");
  },
  countOwnOrders: ({ countOwnOrders, precedence }) => {
    const story = "An ambassador buys for themselves with their own code.";
    if (!precedence.includes("promotion_code")) return told(story, "nobody", "Nobody earns: codes are not looked at.");
    return countOwnOrders
      ? told(story, "one", "They earn by it.")
      : told(story, "nobody", "They get the discount and earn nothing.");
  },
  bindingMonths: ({ bindingMonths: months, precedence }) => {
    const story = (after: string) =>
      `A customer first came by an ambassador's code. ${after} later they buy again, without code or link.`;
    if (!precedence.includes("customer"))
      return told(story("A year"), "nobody", "Nobody earns: known customers are not looked at.");
    if (months === null) return told(story("Five years"), "one", "The ambassador earns.");
    if (months === 0) return told(story("Three weeks"), "nobody", "Nobody earns.");
    if (Number.isNaN(months)) return missing(story("… months"));
    const until = some(months, -1);
    return told(
      story(until.charAt(0).toUpperCase() + until.slice(1)),
      "one",
      `The ambassador earns. After ${some(months, 1)}, nobody would.`,
    );
  },
  renewalMonths: ({ renewalMonths: months }) => {
    const story = (which: string) => `Somebody subscribed with an ambassador's code. Now the payment ${which} is made.`;
    if (months === null) return told(story("after five years"), "one", "The ambassador earns by it.");
    if (months === 0)
      return told(story("after one month"), "nobody", "Nobody earns by it; the ambassador did by the first.");
    if (Number.isNaN(months)) return missing(story("after … months"));
    return told(
      story(`after ${some(months, -1)}`),
      "one",
      `The ambassador earns by it. After ${some(months, 1)}, nobody would.`,
    );
  },
  campaignDates: ({ campaignDates, precedence }) => {
    const story = "A campaign ended in June. In July somebody buys with one of its codes.";
    if (!precedence.includes("promotion_code")) return told(story, "nobody", "Nobody earns: codes are not looked at.");
    return campaignDates ? told(story, "nobody", "Nobody earns by it.") : told(story, "one", "The ambassador earns.");
  },
  countOutOfBand: ({ countOutOfBand }) => {
    const story = "An invoice that came by an ambassador is paid by bank transfer and marked as paid by hand.";
    return countOutOfBand
      ? told(story, "one", "The ambassador earns by it.")
      : told(story, "nobody", "Nobody earns: the checkout saw no money.");
  },
};
