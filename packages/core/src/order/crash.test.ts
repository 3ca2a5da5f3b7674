import { expect, test } from "vitest";
import { openCheckout } from "../../../local/testing/checkout.ts";
import { dieEverywhere, expectMails, kindsThatMail, patient } from "../../../local/testing/dying.ts";
import { scan } from "../../../local/testing/scan.ts";
import { approve } from "../application/index.ts";
import { check, eventsOf, purchaseOf, type Someone } from "./books.testing.ts";
import { applied, codesIn, expectPeople } from "./crash.testing.ts";
import type { PurchaseStory, Story } from "./model.testing.ts";

const dayMs = 86_400_000;

const sale: PurchaseStory = {
  who: 0,
  by: "code",
  pays: "at once",
  currency: "eur",
  total: 11_900,
  aside: 16,
  knownBuyer: true,
  sumsOnly: false,
  refunds: [{ share: 30, fails: false, whenMade: false }],
  inFull: false,
};

test("a process dies anywhere between an application and the release of a commission", patient, async () => {
  await dieEverywhere("from application to release", async (life) => {
    const { world, machine, ask, again } = life;
    const story: Story = {
      people: [{ appliesTwice: false, decidedTwice: false, better: false }],
      purchases: [sale],
      chance: 1,
    };
    const { id, email } = await applied(life, "ada@example.com", "Ada Lovelace");
    const { ambassador, code } = await ask("approve", world.staff("manager"), (ctx) => approve(ctx, id));
    await machine.quiet();
    const [stored, ...more] = codesIn(await scan(world));
    expect(more).toEqual([]);
    expect(stored!.code).toBe(code.code);
    const ada: Someone = { id: ambassador.id, email, code: stored!, rateBp: 1000 };

    const of = purchaseOf(world, sale);
    for (const told of eventsOf(world, { story: sale, of, who: ada }, undefined)) {
      const answer = await machine.insist((runtime) => openCheckout(world, runtime).tell(told), again);
      expect(answer.status).toBe(200);
      await machine.quiet();
    }
    world.clock.advance(60 * dayMs);
    await machine.minute();
    await machine.quiet();
    await check(world, story, {
      people: [ada],
      sold: [{ story: sale, of, who: ada }],
      paidOut: new Map(),
      written: [],
    });
    const items = await scan(world);
    expectMails(
      machine,
      email,
      ["mail.application_confirm", "mail.application_decided", "mail.you_earned"],
      items.filter(kindsThatMail),
    );
    expectPeople(items, 1);
  });
});
