import type { Rules } from "@laurel/contract";
import {
  attribute,
  type Candidate,
  type Decision,
  type Inputs,
  type Signal,
  type Situation,
} from "../attribution/index.ts";
import { ClickEntity } from "../click/index.ts";
import { CodeEntity, type CodeItem, type Promo, PromoEntity, promoKey, promotionCodesOf } from "../code/index.ts";
import { type Customer, CustomerEntity } from "../customer/index.ts";
import type { Context } from "../kernel/context.ts";
import { epochS } from "../kernel/time.ts";
import { AccessEntity, EmailEntity, personKeys } from "../person/index.ts";
import { type ProgramSnapshot, rulesOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { type Key, keys } from "../table/keys.ts";
import { getItem, getItems, type Item } from "../table/read.ts";
import type { Binding } from "./binding.ts";
import { customerItemKey } from "./keys.ts";
import type { KeptSignals } from "./order.ts";

/** Only what can be a code of this program is looked up, and kept: what shops write as codes may say something about a buyer. */
const isCodeText = (text: string): boolean => /^[A-Z0-9]{3,20}$/.test(text);

const clicksOf = ({ clickId, earlierClickIds = [] }: KeptSignals): string[] => [
  ...new Set([...(clickId ? [clickId] : []), ...earlierClickIds]),
];

/** What a decision has to read beside the purchase's own ids. */
export function signalKeys(connectionId: string, signals: KeptSignals): Key[] {
  const { promotionCodeIds = [], codes = [], customerKey } = signals;
  return [
    ...promotionCodeIds.map((id) => promoKey(connectionId, id)),
    ...codes.filter(isCodeText).map(keys.code),
    ...clicksOf(signals).map(keys.click),
    ...(customerKey ? [customerItemKey(customerKey), personKeys.email(customerKey)] : []),
  ];
}

/** What was read, by key. */
export type Read = (key: Key) => Item | undefined;

export async function readAll(ctx: Context, wanted: readonly Key[]): Promise<Read> {
  const found = await getItems(ctx.table, wanted);
  const byKey = new Map(wanted.map((key, at) => [`${key.pk}\n${key.sk}`, found[at]]));
  return (key) => byKey.get(`${key.pk}\n${key.sk}`);
}

export interface Seen {
  signals: Signal[];
  customer: Customer | undefined;
  inputs: Inputs;
}

/**
 * The signals of a purchase with what the table knows of them, and what else the decision hangs on.
 * @param of.own the orders that the decision is about, where they exist: what they did themselves to their customer does not count
 * @param of.at when it was placed: whoever won the customer only later does not have it by that
 */
export async function see(
  ctx: Context,
  connectionId: string,
  kept: KeptSignals,
  read: Read,
  { own = [], at }: { own?: readonly string[]; at?: string } = {},
): Promise<Seen> {
  const { promotionCodeIds = [], codes = [], customerKey } = kept;
  const signals: Signal[] = [
    ...promotionCodeIds.map((id) => promoSignal(id, read(promoKey(connectionId, id)))),
    ...codes.map((text) => codeSignal(connectionId, text, isCodeText(text) ? read(keys.code(text)) : undefined)),
    ...clicksOf(kept).map((id) => clickSignal(id, read(keys.click(id)), ctx.now())),
  ];
  const customer = customerKey ? parse(CustomerEntity, read(customerItemKey(customerKey))) : undefined;
  const later = at !== undefined && (customer?.boundAt ?? "") > at;
  if (customer && !own.includes(customer.boundBy ?? "") && !later) signals.push(...customerSignal(customer));
  const buyer = customerKey ? parse(EmailEntity, read(personKeys.email(customerKey))) : undefined;
  // Seldom: the buyer is somebody whom the program knows as a person.
  const access = buyer && parse(AccessEntity, await getItem(ctx.table, personKeys.access(buyer.personId)));
  const before =
    customer?.importedAt ?? (own.includes(customer?.firstOrderId ?? "") ? undefined : customer?.firstOrderId);
  return {
    signals,
    customer,
    inputs: {
      ...(customerKey ? { newCustomer: before === undefined } : {}),
      ...(access?.ambassadorId ? { buyerAmbassadorId: access.ambassadorId } : {}),
    },
  };
}

/** Whose a customer is, as a signal; none where they are nobody's. */
export const customerSignal = ({ boundAmbassadorId, boundCode, boundAt }: Binding): Signal[] =>
  boundAmbassadorId
    ? [
        {
          kind: "customer",
          ref: null,
          seenAt: boundAt ?? null,
          found: "ours",
          code: boundCode,
          ambassadorId: boundAmbassadorId,
        },
      ]
    : [];

function promoSignal(id: string, item: Item | undefined): Signal {
  const promo = parse(PromoEntity, item);
  const seen = { kind: "promotion_code" as const, ref: id, seenAt: null };
  if (!promo) return { ...seen, found: "unknown" };
  if (!promo.ours) return { ...seen, found: "foreign" };
  return { ...seen, found: "ours", code: promo.code, ambassadorId: promo.ambassadorId, ...copiesOf(promo) };
}

/**
 * A code by its text is known or it is not of this program: there is nothing to look up. Where a shop said no to our code, a
 * buyer who entered the text used the shop's own.
 */
function codeSignal(connectionId: string, text: string, item: Item | undefined): Signal {
  const code = parse(CodeEntity, item);
  const seen = { kind: "promotion_code" as const, ref: isCodeText(text) ? text : null, seenAt: null };
  if (!code || (code.state === "failed" && !promotionCodesOf(code)[connectionId])) return { ...seen, found: "foreign" };
  return { ...seen, found: "ours", code: code.code, ambassadorId: code.ambassadorId, ...copiesOf(code) };
}

function clickSignal(id: string, item: Item | undefined, now: Date): Signal {
  const click = parse(ClickEntity, item);
  const live = click && click.expiresAtEpochS > epochS(now) ? click : undefined;
  return {
    kind: "click",
    ref: id,
    seenAt: live?.at ?? null,
    found: live ? "ours" : "unknown",
    code: live?.code,
    ambassadorId: live?.ambassadorId,
  };
}

/** What a signal must know of the ambassador: the tier earns, the status may rule them out, and who came in lately is marked. */
export const copiesOf = ({ campaignId, tierId, ambassadorStatus, joinedAt, endsAt }: CodeItem | Promo) => ({
  campaignId,
  tierId,
  ambassadorStatus,
  joinedAt,
  endsAt,
});

/** A decision, with the rules and all else that it was made by. */
export interface Attributed extends Decision {
  rules: Rules;
  inputs: Inputs;
}

/**
 * Attributes by rules, those in force unless told otherwise. A promotion code carries all that is needed; a click, a known
 * customer or a subscription names a code whose item tells the rest, which costs one more read.
 */
export async function attributeBy(
  ctx: Context,
  snapshot: ProgramSnapshot,
  signals: readonly Signal[],
  { occurredAt, inputs, rules = rulesOf(snapshot.program) }: { occurredAt: string; inputs: Inputs; rules?: Rules },
): Promise<Attributed> {
  const situation: Situation = {
    ...inputs,
    occurredAt,
    timeZone: snapshot.program.timeZone,
    campaigns: snapshot.campaigns,
  };
  const first = attribute(signals, rules, situation);
  if (!first.winner || first.winner.tierId) return { ...first, rules, inputs };
  const texts = [...new Set(signals.flatMap((signal) => (signal.code && !signal.tierId ? [signal.code] : [])))];
  const items = await getItems(ctx.table, texts.map(keys.code));
  const byText = new Map(items.flatMap((item) => (item ? [[item.code as string, parse(CodeEntity, item)!]] : [])));
  const told = signals.map((signal) => {
    const code = signal.tierId ? undefined : byText.get(signal.code ?? "");
    return code ? { ...signal, ...copiesOf(code) } : signal;
  });
  return { ...attribute(told, rules, situation), rules, inputs };
}

/** A signal with what its code tells of the ambassador now. */
export async function withCode<S extends Signal>(ctx: Context, signal: S): Promise<S> {
  const code = signal.code && parse(CodeEntity, await getItem(ctx.table, keys.code(signal.code)));
  return code ? { ...signal, ...copiesOf(code) } : signal;
}

/** A signal as a receipt kept it. */
export const asSeen = (candidate: Candidate): Signal => ({
  kind: candidate.kind,
  ref: candidate.ref ?? null,
  seenAt: candidate.seenAt ?? null,
  found: candidate.ambassadorId ? "ours" : candidate.rule === "not_ours" ? "foreign" : "unknown",
  code: candidate.code,
  ambassadorId: candidate.ambassadorId,
  campaignId: candidate.campaignId,
  tierId: candidate.tierId,
  endsAt: candidate.endsAt,
});
