import type { Id } from "@laurel/contract";
import { checkCampaign, findAmbassador, followOwnCode } from "../ambassador/index.ts";
import * as Applications from "../application/index.ts";
import { offerOf } from "../campaign/index.ts";
import { findClaim } from "../claim/index.ts";
import { checkCode, findCode, PromoEntity, promoKey, syncCode } from "../code/index.ts";
import { CommissionEntity, leftOf } from "../commission/index.ts";
import { closeConnection, makeWebhook, tidyConnection } from "../connection/index.ts";
import { EffectEntity, type EffectItem, type EffectKind, type EffectKinds, effectKey } from "../effect/index.ts";
import { findCheckout } from "../event/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { formatMoney } from "../kernel/money.ts";
import { dayOf } from "../kernel/time.ts";
import { EntryEntity } from "../ledger/index.ts";
import {
  commissionAt,
  decideAgain,
  decideCustomer,
  decideSubscriptionAgain,
  findOrder,
  OrderEntity,
  orderKey,
} from "../order/index.ts";
import { findPerson } from "../person/index.ts";
import { fulfil } from "../privacy/index.ts";
import { campaignOf, findConnection, tierOf } from "../program/index.ts";
import { prepareSignInMail } from "../sign-in/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { type Recipient, type Skipped, send } from "./send.ts";

/** Undefined once it is done, or there is nothing to do any more. */
type Performed = Promise<Skipped | undefined>;
type Perform = {
  [K in Exclude<EffectKind, "order.screen">]: (
    ctx: Context,
    subject: string,
    data: EffectKinds[K],
    effect: EffectItem,
  ) => Performed;
};

/**
 * Does what an effect says, by the state of now. Screenings are not among them: they are done together.
 * @returns why it was left undone, where a mailbox is the reason
 * @throws AppError unavailable: again later; any other: never again
 */
export async function perform(ctx: Context, effect: EffectItem): Performed {
  const does = performers[effect.kind as keyof Perform] as Perform[keyof Perform] | undefined;
  assert(does, `an effect of a known kind, not ${effect.kind}`);
  return does(ctx, effect.subject, effect.data as never, effect);
}

const performers: Perform = {
  "mail.application_confirm": async (ctx, id) => {
    const around = await applicant(ctx, id);
    if (around?.application.status !== "submitted") return undefined;
    return send(ctx, around.to, "application_confirm", { name: around.name, ...linksOf(ctx, id) });
  },
  "mail.application_status": async (ctx, id) => {
    const around = await applicant(ctx, id);
    if (!around) return undefined;
    const { statusUrl, confirmUrl } = linksOf(ctx, id);
    const { status } = around.application;
    return send(ctx, around.to, "application_status", {
      name: around.name,
      statusUrl,
      confirmUrl: status === "submitted" ? confirmUrl : null,
      stage: status,
    });
  },
  "mail.application_decided": async (ctx, id, _, effect) => {
    const around = await applicant(ctx, id);
    // Decided anew or undone meanwhile: then the mail of that is the one to send.
    if (!around || (around.application.decision?.effectId ?? effect.id) !== effect.id) return undefined;
    return sendDecision(ctx, around);
  },
  "mail.approval_undone": async (ctx, id, { approvalEffectId }) => {
    const around = await applicant(ctx, id);
    // Approved again meanwhile: an apology would only confuse.
    if (!around || around.application.status === "approved") return undefined;
    const approval = approvalEffectId && parse(EffectEntity, await getItem(ctx.table, effectKey(approvalEffectId)));
    // Nobody should read the apology before what it is for.
    if (approval && approval.state === "waiting" && (approval.leaseUntilMs ?? 0) > Date.now())
      throw new AppError("unavailable", "effect.too_early", "The mail of the approval is on its way. It goes first.");
    return send(ctx, around.to, "approval_undone", { name: around.name, statusUrl: linksOf(ctx, id).statusUrl });
  },
  "mail.sign_in": async (ctx, emailKey) => {
    const mail = await prepareSignInMail(ctx, emailKey);
    if (!mail) return undefined;
    const { to, name, token, code } = mail;
    return send(ctx, to, "sign_in", { name, url: `${ctx.publicOrigin}/sign-in#token=${token}`, code, minutes: 15 });
  },
  "mail.you_earned": thankForSale,
  "mail.claim_decided": tellOfClaim,
  "code.sync": async (ctx, code) => {
    await syncCode(ctx, code);
    await followOwnCode(ctx, code);
    return undefined;
  },
  "code.check": async (ctx, code) => {
    await checkCode(ctx, code);
    return undefined;
  },
  "campaign.check": async (ctx, id, _, effect) => {
    await checkCampaign(ctx, id, effect.id);
    return undefined;
  },
  "connection.webhook": async (ctx, id, _, effect) => {
    await makeWebhook(ctx, id, effect);
    return undefined;
  },
  "connection.tidy": async (ctx, id) => {
    await tidyConnection(ctx, id);
    return undefined;
  },
  "connection.close": async (ctx, id, { erased }) => {
    await closeConnection(ctx, id, { erased });
    return undefined;
  },
  "promotion_code.fetch": fetchPromotionCode,
  "order.decide": async (ctx, orderId) => {
    await decideAgain(ctx, orderId);
    return undefined;
  },
  "customer.decide": async (ctx, orderId) => {
    await decideCustomer(ctx, orderId);
    return undefined;
  },
  "order.find_checkout": async (ctx, orderId) => {
    await findCheckout(ctx, orderId);
    return undefined;
  },
  "mail.code_rotated": tellOfRotation,
  "privacy.fulfil": async (ctx, id) => {
    await fulfil(ctx, id);
    return undefined;
  },
};

interface Applicant {
  application: Applications.ApplicationItem;
  name: string;
  to: Recipient;
}

/** The applicant as they wrote themselves; undefined once they were erased. */
async function applicant(ctx: Context, id: string): Promise<Applicant | undefined> {
  const application = await Applications.findApplication(ctx, id);
  if (!application) return undefined;
  const { answers } = await Applications.loadAround(ctx, application);
  if (!answers) return undefined;
  return { application, name: answers.name, to: { personId: application.personId, email: answers.email } };
}

function linksOf(ctx: Context, id: string) {
  const token = Applications.tokenOf(ctx, id);
  return {
    statusUrl: `${ctx.publicOrigin}/apply/status#token=${token}`,
    confirmUrl: `${ctx.publicOrigin}/apply/confirm#token=${token}`,
  };
}

async function sendDecision(ctx: Context, { application, name, to }: Applicant): Performed {
  const { statusUrl } = linksOf(ctx, application.id);
  if (application.status === "waitlisted") return send(ctx, to, "application_waitlisted", { name, statusUrl });
  if (application.status === "declined") {
    const view = Applications.applicantView(application);
    const reapplyText =
      view.decision?.reapply === "now"
        ? "You are welcome to apply again whenever you like."
        : view.decision?.reapplyOn
          ? `You are welcome to apply again from ${longDay(view.decision.reapplyOn)} on.`
          : null;
    return send(ctx, to, "application_declined", {
      name,
      reasonText: view.decision?.reasonText ?? "",
      reapplyText,
      statusUrl,
    });
  }
  if (application.status !== "approved" || !application.ambassadorId) return undefined;
  const ambassador = await findAmbassador(ctx, application.ambassadorId);
  if (!ambassador) return undefined;
  const code = await findCode(ctx, ambassador.primaryCode);
  const snapshot = await ctx.program();
  assert(code, "an ambassador has a primary code");
  return send(ctx, to, "application_approved", {
    name,
    code: code.code,
    offer: offerOf(campaignOf(snapshot, code.campaignId)),
    link: `${ctx.publicOrigin}/r/${code.code}`,
    portalUrl: `${ctx.publicOrigin}/sign-in`,
    rate: `${tierOf(snapshot, ambassador.tierId).rateBp / 100}%`,
  });
}

const longDay = (day: string): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

async function thankForSale(ctx: Context, entryId: string, { ambassadorId }: { ambassadorId: string }): Performed {
  const entry = parse(EntryEntity, await getItem(ctx.table, { pk: `AMB#${ambassadorId}`, sk: `LED#${entryId}` }));
  const order = entry && parse(OrderEntity, await getItem(ctx.table, orderKey(entry.orderIds[0]!)));
  const ambassador = await findAmbassador(ctx, ambassadorId);
  if (!entry || !order || !ambassador) return undefined;
  const commission = parse(
    CommissionEntity,
    await getItem(ctx.table, { pk: `AMB#${ambassadorId}`, sk: `COM#${order.occurredAt}#${order.id}` }),
  );
  const person = await findPerson(ctx.table, ambassador.personId as Id<"person">);
  if (!commission || commission.state === "reversed" || !person) return undefined;
  const { program } = await ctx.program();
  const { personId, email, name } = person.profile;
  return send(ctx, { personId, email }, "you_earned", {
    name,
    amount: formatMoney(commission.earnedMinor, commission.currency),
    orderDay: longDay(dayOf(program.timeZone, new Date(order.occurredAt))),
    releaseDay: longDay(commission.releaseDay),
    code: commission.code ?? null,
    portalUrl: `${ctx.publicOrigin}/home`,
  });
}

async function tellOfClaim(ctx: Context, claimId: string): Performed {
  const claim = await findClaim(ctx, claimId);
  const person = claim && (await findPerson(ctx.table, claim.personId as Id<"person">));
  if (!claim || !person || (claim.state !== "approved" && claim.state !== "declined")) return undefined;
  const { personId, email, name } = person.profile;
  const { orderNumber, reason: reasonText = "", orderId, ambassadorId } = claim;
  if (claim.state === "declined")
    return send(ctx, { personId, email }, "claim_declined", {
      name,
      orderNumber,
      reasonText,
      portalUrl: `${ctx.publicOrigin}/home/claims`,
    });
  const order = orderId && (await findOrder(ctx, orderId));
  const commission = order && (await commissionAt(ctx, ambassadorId, order));
  return send(ctx, { personId, email }, "claim_approved", {
    name,
    orderNumber,
    reasonText,
    amount: commission ? formatMoney(leftOf(commission), commission.currency) : null,
    releaseDay: commission ? longDay(commission.releaseDay) : null,
    portalUrl: `${ctx.publicOrigin}/home/orders/${order ? order.id : ""}`,
  });
}

/** Learns whose promotion code an order carried, remembers it, and decides the order again. */
async function fetchPromotionCode(
  ctx: Context,
  promotionCodeId: string,
  { connectionId, orderId, subscriptionId }: EffectKinds["promotion_code.fetch"],
): Performed {
  const connection = findConnection(await ctx.program(), connectionId);
  assert(connection, "the connection of an order exists");
  const at = promoKey(connectionId, promotionCodeId);
  if (!(await getItem(ctx.table, at))) {
    const found = await ctx.gateways.stripe.getPromotionCode(connection, promotionCodeId);
    const code = found && (await findCode(ctx, found.code.toUpperCase()));
    const ours = code && found.metadata.laurel_ambassador === code.ambassadorId;
    // No copies of the ambassador: nobody would rewrite them here, because the code does not name it as its own.
    const promo = ours
      ? {
          ours,
          code: code.code,
          ambassadorId: code.ambassadorId,
          campaignId: code.campaignId,
        }
      : { ours: false };
    // Whoever wrote it meanwhile knew at least as much.
    await transact(ctx.table, [
      write.put(
        "promo",
        PromoEntity.create({ connectionId, promotionCodeId, ...promo }).params({ table: ctx.table.name }),
      ),
    ]);
  }
  if (orderId) await decideAgain(ctx, orderId);
  if (subscriptionId) await decideSubscriptionAgain(ctx, connection, subscriptionId);
  return undefined;
}

/** Tells an ambassador that their code was replaced and why, with the new one and until when the old one works. */
async function tellOfRotation(ctx: Context, text: string, { failed }: EffectKinds["mail.code_rotated"]): Performed {
  const old = await findCode(ctx, text);
  const next = old?.replacedBy && (await findCode(ctx, old.replacedBy));
  const ambassador = old && (await findAmbassador(ctx, old.ambassadorId));
  const person = ambassador && (await findPerson(ctx.table, ambassador.personId));
  if (!old?.endsAt || !next || !person || ambassador.status !== "active") return undefined;
  // They have it once the shop has it.
  if (next.state === "activating")
    throw new AppError(
      "unavailable",
      "effect.too_early",
      "The new code is being made at the shop. The mail follows it.",
    );
  const { program } = await ctx.program();
  const { personId, email, name } = person.profile;
  return send(ctx, { personId, email }, "code_rotated", {
    name,
    whyText: failed
      ? `The shop could not let customers use your code ${old.code}, so we have given you another one.`
      : `Your code ${old.code} has turned up where it does not belong, such as on a list of coupons, so we have given you a new one.`,
    code: next.code,
    link: `${ctx.publicOrigin}/r/${next.code}`,
    endsText:
      old.endsAt > ctx.now().toISOString()
        ? `${old.code} goes on working until ${longDay(dayOf(program.timeZone, new Date(old.endsAt)))}, so that you have time to change it where you have shared it.`
        : `${old.code} does not work any more.`,
    portalUrl: `${ctx.publicOrigin}/home`,
  });
}
