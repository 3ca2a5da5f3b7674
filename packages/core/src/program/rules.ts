import type { Rules } from "@laurel/contract";

/** The rules of a program that has not changed them. */
export const defaultRules: Omit<Rules, "version"> = {
  precedence: ["promotion_code", "click", "customer"],
  clickWindowDays: 30,
  clickTouch: "last",
  severalCodes: "first",
  newCustomersOnly: false,
  countOwnOrders: false,
  bindingMonths: null,
  renewalMonths: 12,
  campaignDates: true,
  countOutOfBand: false,
};

/** Rules as they are stored: a set that was saved before a rule existed does not name it. */
export type StoredRules = Pick<Rules, "version"> & Partial<Rules>;

/** A set of rules in full. */
export const completeRules = (stored: StoredRules): Rules => ({ ...defaultRules, ...stored });

/** The rules in force. */
export const rulesOf = (program: { rules: StoredRules }): Rules => completeRules(program.rules);
