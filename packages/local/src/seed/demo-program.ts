import { type Context, idMaker, type NewId } from "@laurel/core/kernel";
import type { ProgramSnapshot } from "@laurel/core/program";
import { minimalProgram } from "./minimal.ts";
import { demoRandom } from "./random.ts";

/** The program of the demo brand: three tiers and two campaigns. Everything about it is plainly made up. */
export function demoProgram(parts: { newId: NewId; now: Date; origin: string }): ProgramSnapshot {
  const { program, campaigns, connections } = minimalProgram(parts);
  const { newId, origin } = parts;
  return {
    program: {
      ...program,
      name: "Demo Outdoor Club",
      senderName: "Demo Outdoor Club",
      voice:
        "We make things for days outside. If you already tell your friends about them, we would like to thank you for it.",
    },
    tiers: [
      { id: newId("tier"), name: "Seedling", rateBp: 800, position: 1 },
      { id: newId("tier"), name: "Branch", rateBp: 1000, position: 2 },
      { id: newId("tier"), name: "Laurel", rateBp: 1500, position: 3 },
    ],
    campaigns: [
      ...campaigns,
      {
        id: newId("campaign"),
        name: "Trail season",
        objective: "product",
        percentOff: 10,
        couponId: "laurel-trail-10",
        landingUrl: `${origin}/shop?collection=trail`,
        isDefault: false,
      },
    ],
    connections,
  };
}

const dayMs = 86_400_000;

/** The day on which the demo brand set its program up: before its year began, and with the same ids each time. */
export function beginDemo(ctx: Context): Context {
  const at = new Date(Date.parse(`${ctx.now().toISOString().slice(0, 10)}T08:00:00.000Z`) - 371 * dayMs);
  const random = demoRandom(371);
  const bytes = (size: number) => Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
  return { ...ctx, now: () => at, newId: idMaker(() => at, bytes), requestId: "demo" };
}
