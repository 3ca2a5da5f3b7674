import { createHmac } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { epochS } from "../kernel/time.ts";
import { keys } from "../table/keys.ts";
import { asUnavailable, wasRefused } from "../table/transact.ts";

/** So many of something, for one subject, in each window. Windows are aligned with the clock. */
export interface LimitRule {
  /** What is limited, e.g. `sign_in.email`. */
  name: string;
  /** Whom it counts against; stored as a keyed hash only. */
  subject: string;
  max: number;
  windowMs: number;
}

const keptForS = 3600;

/**
 * Takes one of each rule, in order, and stops at the first that is used up. What a later rule refuses has been counted
 * by the earlier ones, so put first whatever may bear that: of two windows the shorter. One conditional write a rule, so
 * the count is exact however many ask at once.
 * @throws AppError rate_limited, with the time until the window ends
 */
export async function takeLimit(ctx: Context, rules: readonly LimitRule[]): Promise<void> {
  for (const rule of rules) await takeOne(ctx, rule);
}

async function takeOne(ctx: Context, { name, subject, max, windowMs }: LimitRule): Promise<void> {
  const nowMs = ctx.now().getTime();
  const startMs = Math.floor(nowMs / windowMs) * windowMs;
  const endMs = startMs + windowMs;
  try {
    await ctx.table.client.send(
      new UpdateCommand({
        TableName: ctx.table.name,
        Key: keys.limit(name, hashOf(ctx, name, subject), new Date(startMs).toISOString()),
        UpdateExpression: "ADD taken :one SET expiresAtEpochS = :expires",
        ConditionExpression: "attribute_not_exists(taken) OR taken < :max",
        ExpressionAttributeValues: { ":one": 1, ":max": max, ":expires": epochS(new Date(endMs)) + keptForS },
      }),
    );
  } catch (error) {
    if (wasRefused(error))
      throw new AppError(
        "rate_limited",
        "limit.reached",
        `That was too often. Try again in ${inWords(endMs - nowMs)}.`,
        {
          retryAfterMs: endMs - nowMs,
        },
      );
    throw asUnavailable(error);
  }
}

const hashOf = (ctx: Context, name: string, subject: string): string =>
  createHmac("sha256", ctx.keys.link).update(`limit\n${name}\n${subject}`).digest("hex").slice(0, 40);

function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return "a minute";
  return minutes < 100 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
