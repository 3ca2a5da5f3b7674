import { expect, test } from "vitest";
import { ambassador } from "../../../local/testing/checkout.ts";
import { codesAtStripe, dieEverywhere, expectNothingWaits, patient } from "../../../local/testing/dying.ts";
import { scan } from "../../../local/testing/scan.ts";
import { type Actor, AppError } from "../kernel/index.ts";
import { chooseCode } from "./index.ts";

test(
  "a process dies anywhere while a code is chosen that the checkout refuses, and chosen again",
  patient,
  async () => {
    await dieEverywhere("own code", async ({ world, machine, ask }) => {
      const ada = await ambassador(world, "Ada Lovelace");
      world.mails.length = 0;
      const self: Actor = { ...world.staff("viewer"), roles: ["ambassador"], ambassadorId: ada.id };
      const { createPromotionCode } = world.stripe;
      // The shop says that nobody has it, and refuses it all the same.
      world.stripe.createPromotionCode = () =>
        Promise.reject(new AppError("rejected", "stripe.rejected", "This code is kept for something else."));
      await ask("choose", self, (ctx) => chooseCode(ctx, "ADASOWN"));
      await machine.quiet();
      const stateOf = async () => {
        const items = await scan(world);
        const of = items.find((item) => item.__edb_e__ === "ambassador")!;
        const codes = items.filter((item) => item.__edb_e__ === "code");
        return {
          items,
          of,
          codes: Object.fromEntries(
            codes.map(({ code, state, primary }) => [code, `${state}${primary ? ", primary" : ""}`]),
          ),
        };
      };
      const between = await stateOf();
      expect(between.codes).toEqual({ [ada.code]: "active, primary", ADASOWN: "failed" });
      expect(between.of.primaryCode).toBe(ada.code);
      for (const name of ["ownCode", "ownCodeAt", "codeBefore"]) expect(between.of).not.toHaveProperty(name);

      world.stripe.createPromotionCode = createPromotionCode;
      await ask("choose again", self, (ctx) => chooseCode(ctx, "ADASOWN"));
      await machine.quiet();
      const end = await stateOf();
      expect(end.codes).toEqual({ [ada.code]: "active", ADASOWN: "active, primary" });
      expect(end.of).toMatchObject({ primaryCode: "ADASOWN", ownCode: "ADASOWN" });
      expect(end.of).not.toHaveProperty("codeBefore");
      expect(codesAtStripe(world)).toEqual([
        { code: ada.code, active: true },
        { code: "ADASOWN", active: true },
      ]);
      const audits = end.items.filter((item) => item.__edb_e__ === "audit" && item.subject === ada.id);
      expect(audits.map((item) => item.action).sort()).toEqual([
        "ambassador.code_chosen",
        "ambassador.code_chosen",
        "ambassador.code_refused",
      ]);
      expectNothingWaits(end.items);
    });
  },
);
