import { gzipSync } from "node:zlib";
import { ApplicationEntity } from "@laurel/core/application";
import { OrderClaimEntity } from "@laurel/core/claim";
import { newCode } from "@laurel/core/code";
import { CorrectionEntity } from "@laurel/core/correction";
import { EffectEntity } from "@laurel/core/effect";
import { DoneEntity } from "@laurel/core/event";
import { FlagEntity } from "@laurel/core/flag";
import { newJob } from "@laurel/core/job";
import { monthOf } from "@laurel/core/kernel";
import { OrderEntity } from "@laurel/core/order";
import { AnswersEntity } from "@laurel/core/person";
import { ExportEntity, PrivacyEntity } from "@laurel/core/privacy";
import { start as startSimulation } from "@laurel/core/simulation";
import { transact, write } from "@laurel/core/table";
import type { World } from "../../packages/local/testing/index.ts";
import { signedIn } from "./testing.ts";

/** An id that exists and belongs to somebody, and one of the same form that does not exist. */
export interface OtherId {
  existing: string;
  missing: string;
}

/**
 * Things of another person, by the part of the path before their id: what is shown for `/api/orders/{id}/receipt`
 * stands under `orders`. A route with a new kind of id fails the test of roles until one is made here.
 */
export async function otherPeoplesIds(world: World): Promise<Record<string, OtherId>> {
  const ctx = world.ctx();
  const at = { table: world.table.name };
  const now = ctx.now().toISOString();
  const { tiers, connections, campaigns } = await ctx.program();
  const connectionId = connections[0]!.id;
  const owner = await signedIn(world, ["ambassador"]);
  const applicant = await signedIn(world, []);
  const [applicationId, orderId, effectId, eventId] = [
    ctx.newId("application"),
    ctx.newId("order"),
    ctx.newId("effect"),
    "evt_of_another",
  ];
  await transact(world.table, [
    write.put(
      "application",
      ApplicationEntity.create({
        id: applicationId,
        personId: applicant.personId,
        status: "confirmed",
        niche: "Running",
        country: "DE",
        maxFollowers: 10,
        accepted: { guidelinesVersion: "1", termsVersion: "1", privacyVersion: "1", at: now },
        submittedAt: now,
        confirmBy: now,
        confirmedAt: now,
        version: 1,
      }).params(at),
    ),
    write.put(
      "answers",
      AnswersEntity.create({
        personId: applicant.personId,
        applicationId,
        name: "Another",
        email: applicant.email,
        country: "DE",
        channels: [{ kind: "blog", handle: "another", followers: 10 }],
        why: "I like it very much",
        marketingConsent: false,
      }).params(at),
    ),
    write.put(
      "order",
      OrderEntity.create({
        id: orderId,
        connectionId,
        aliases: [],
        eventIds: [eventId],
        occurredAt: now,
        month: monthOf(now),
        status: "paid",
        payment: "paid",
        currency: "EUR",
        grossMinor: 1000,
        baseMinor: 1000,
        baseLines: [["Goods", 1000]],
        refundedMinor: 0,
        attribution: { kind: "promotion_code", ambassadorId: owner.ambassadorId!, code: "ANOTHER10" },
        receipt: {
          revision: 1,
          decidedAt: now,
          candidates: [],
          rules: { version: 1, precedence: ["promotion_code"], clickWindowDays: 30, holdDays: 30 },
          tier: { id: tiers[0]!.id, name: tiers[0]!.name, rateBp: 1000 },
        },
        version: 1,
      }).params(at),
    ),
    write.put(
      "done",
      DoneEntity.create({
        connectionId,
        eventId,
        type: "checkout.session.completed",
        receivedAt: now,
        month: monthOf(now),
        hash: "0",
        status: "processed",
        outcome: "An order",
        orderId,
        attempts: 1,
        expiresAtEpochS: Math.floor(ctx.now().getTime() / 1000) + 1000,
      }).params(at),
    ),
    write.put(
      "effect",
      EffectEntity.create({
        id: effectId,
        kind: "code.sync",
        subject: "ANOTHER10",
        state: "dead",
        attempts: 8,
        createdAt: now,
        nextAttemptAt: now,
        fence: 8,
        shard: 0,
      }).params(at),
    ),
  ]);
  const [correctionId, claimId] = [ctx.newId("correction"), ctx.newId("claim")];
  await transact(world.table, [
    write.put(
      "correction",
      CorrectionEntity.create({
        id: correctionId,
        orderId,
        kind: "remove",
        currency: "EUR",
        fromAmbassadorId: owner.ambassadorId!,
        reason: "It was a test",
        stakeMinor: 100,
        state: "proposed",
        proposedAt: now,
        proposedBy: applicant.personId,
        version: 1,
      }).params(at),
    ),
    write.put(
      "claim",
      OrderClaimEntity.create({
        id: claimId,
        ambassadorId: owner.ambassadorId!,
        personId: owner.personId,
        orderNumber: "1042",
        orderedOn: now.slice(0, 10),
        state: "open",
        createdAt: now,
        dueOn: now.slice(0, 10),
        version: 1,
      }).params(at),
    ),
  ]);
  const flagId = ctx.newId("flag");
  await transact(world.table, [
    write.put(
      "flag",
      FlagEntity.create({
        id: flagId,
        orderId,
        ambassadorId: owner.ambassadorId!,
        rule: "own_email",
        severity: "high",
        evidence: { address: "same" },
        state: "open",
        raisedAt: now,
        expiresAt: now,
        listedAt: now,
        version: 1,
      }).params(at),
    ),
  ]);
  const privacyId = `${connectionId}~${eventId}`;
  await transact(world.table, [
    write.put(
      "privacy",
      PrivacyEntity.create({
        id: privacyId,
        connectionId,
        request: "export",
        state: "done",
        receivedAt: now,
        aliases: [],
        counts: { orders: 0, customers: 0, bodies: 0 },
        version: 1,
      }).params(at),
    ),
    write.put(
      "export",
      ExportEntity.create({
        id: privacyId,
        part: 0,
        body: gzipSync(JSON.stringify({ request: "1", shop: "a", generatedAt: now, customers: [], orders: [] })),
        expiresAtEpochS: Math.floor(ctx.now().getTime() / 1000) + 86_400,
      }).params(at),
    ),
  ]);
  const { job, writes } = newJob(world.ctx(owner.actor), { kind: "applications.undo", input: { ids: [] }, total: 0 });
  await transact(world.table, writes);
  const { item: code, writes: codeWrites } = newCode(ctx, {
    code: "ANOTHER10",
    ambassadorId: owner.ambassadorId!,
    campaignId: campaigns[0]!.id,
    tierId: tiers[0]!.id,
    joinedAt: now,
    primary: false,
  });
  await transact(world.table, codeWrites);
  const { job: tried } = await startSimulation(ctx, { days: 1 });
  return {
    simulations: { existing: tried.id, missing: ctx.newId("job") },
    applications: { existing: applicationId, missing: ctx.newId("application") },
    ambassadors: { existing: owner.ambassadorId!, missing: ctx.newId("ambassador") },
    codes: { existing: code.code, missing: "NOBODY10" },
    orders: { existing: orderId, missing: ctx.newId("order") },
    effects: { existing: effectId, missing: ctx.newId("effect") },
    campaigns: { existing: campaigns[0]!.id, missing: ctx.newId("campaign") },
    connections: { existing: connectionId, missing: ctx.newId("connection") },
    people: { existing: applicant.personId, missing: ctx.newId("person") },
    flags: { existing: flagId, missing: ctx.newId("flag") },
    jobs: { existing: job.id, missing: ctx.newId("job") },
    corrections: { existing: correctionId, missing: ctx.newId("correction") },
    claims: { existing: claimId, missing: ctx.newId("claim") },
    "privacy-requests": { existing: privacyId, missing: `${connectionId}~evt_missing` },
    events: { existing: `${connectionId}~${eventId}`, missing: `${connectionId}~evt_missing` },
  };
}
