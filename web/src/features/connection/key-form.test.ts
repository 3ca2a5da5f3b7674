import { describe, expect, test } from "vitest";
import { wrongKey } from "./key-form.tsx";

describe("a key that somebody pastes", () => {
  test.each(["sk_test_51AbCd", "rk_live_51AbCdEf_9", "sk_live_0000"])("%s is fine", (key) =>
    expect(wrongKey(key)).toBeUndefined(),
  );

  test.each([
    ["", "missing"],
    ["pk_live_51AbCd", "publishable"],
    ["whsec_abcd", "webhook's secret"],
    ["sk_org_live_1234", "organization"],
    ["sk_live_…4242", "blacked out"],
    ["rk_test_••••", "blacked out"],
    ["AKIA1234", "begins with sk_ or rk_"],
    ["sk_test_", "begins with sk_ or rk_"],
    ["sk_test_51Ab Cd", "begins with sk_ or rk_"],
  ])("%j: %s", (key, words) => expect(wrongKey(key)).toContain(words));
});
