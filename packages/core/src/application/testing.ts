import { type Id, SubmitApplication } from "@laurel/contract";
import type * as z from "zod";
import type { World } from "../../../local/testing/index.ts";
import { EffectEntity, type EffectItem, effectShards } from "../effect/index.ts";
import { type Actor, type AppError, type Context, emailKey } from "../kernel/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, queryAll } from "../table/read.ts";
import { submit } from "./apply.ops.ts";
import { type Claim, ClaimEntity, claimKey } from "./claim.entity.ts";
import { confirm, tokenOf } from "./link.ops.ts";

let made = 0;

/** Somebody who applies over the network, each call from another one. */
export const visitor = (network = `192.0.2.${++made}`): Actor => ({ kind: "public", network });

/** A form that is in order. Without an address it has one of its own. */
export const form = (changes: Partial<z.input<typeof SubmitApplication>> = {}) =>
  SubmitApplication.parse({
    name: "Ada Lovelace",
    email: `applicant${++made}@example.com`,
    country: "DE",
    channels: [
      { kind: "instagram", handle: "@ada.runs", followers: 1200 },
      { kind: "blog", url: "https://example.com/ada", followers: 300 },
    ],
    niche: "Running",
    why: "I have run in your shoes for two years.",
    ageConfirmed: true,
    guidelinesVersion: "1",
    termsVersion: "1",
    privacyVersion: "1",
    ...changes,
  });

/** Opens connections to the engine, so that calls that are made at once also arrive at once. */
export const warm = (ctx: Context, count = 20) =>
  Promise.all(Array.from({ length: count }, () => getItem(ctx.table, { pk: "PROGRAM", sk: "SETTINGS" })));

export const claimOf = async (ctx: Context, email: string): Promise<Claim | undefined> =>
  parse(ClaimEntity, await getItem(ctx.table, claimKey(emailKey(ctx.keys, email))));

/** Submits a form and finds out the application's id, which no answer tells. */
export async function submitted(world: World, changes: Parameters<typeof form>[0] = {}) {
  const input = form(changes);
  await submit(world.ctx(visitor()), input);
  const id = (await claimOf(world.ctx(), input.email))!.applicationId as Id<"application">;
  return { id, email: input.email, token: tokenOf(world.ctx(), id) };
}

/** The same, and the address confirmed: it waits for a decision. */
export async function confirmed(world: World, changes: Parameters<typeof form>[0] = {}) {
  const application = await submitted(world, changes);
  await confirm(world.ctx(visitor()), application.token);
  return application;
}

/** A first name for each number below 180: the codes of namesakes are looked for one after the other. */
export const firstName = (n: number): string =>
  `${"LMNRTV"[n % 6]}${"aeiou"[Math.floor(n / 6) % 5]}${"lmnrtv"[Math.floor(n / 30) % 6]}a`;

/** All effects that wait, of one subject. */
export async function effectsOf(ctx: Context, subject: string): Promise<EffectItem[]> {
  const waiting = await Promise.all(
    Array.from({ length: effectShards }, (_, shard) =>
      queryAll(ctx.table, { index: "gsi1", pk: `EFFECTS#waiting#${shard}` }),
    ),
  );
  const items = await Promise.all(waiting.flat().map((key) => getItem(ctx.table, key as never)));
  return items.map((item) => parse(EffectEntity, item)!).filter((effect) => effect.subject === subject);
}

/** The AppError that an attempt ends with. Anything else fails the test. */
export async function refusalOf(
  attempt: Promise<unknown>,
): Promise<Pick<AppError, "kind" | "code" | "message" | "errors" | "retryAfterMs">> {
  try {
    await attempt;
  } catch (error) {
    const { kind, code, message, errors, retryAfterMs, name } = error as AppError;
    if (name !== "AppError") throw error;
    return { kind, code, message, errors, retryAfterMs };
  }
  throw new Error("It was not refused");
}
