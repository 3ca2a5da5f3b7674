import type { Context } from "@laurel/core/kernel";
import { cachedProgram } from "@laurel/core/program";
import type { Runtime } from "../../../functions/runtime.ts";
import type { StripeGateway } from "../../core/src/gateway/stripe/port.ts";
import type { World } from "./index.ts";
import { type Call, wrapped } from "./wrap.ts";

/** Where a process dies: at its n-th point, counted from 1, before that is done or once it is done and its answer lost. */
export interface Death {
  at: number;
  /** Only points of this name are counted; all of them without. */
  of?: string;
  when: "before" | "after";
}

/** A mail that the mail service took, and whether the process recorded so. */
export interface Sending {
  /** The effect that sent it. */
  effectId: string;
  to: string;
  subject: string;
  recorded: boolean;
}

/**
 * A process that can die. What it does to the world outside has points: every write, every mail and every call of Stripe.
 * Once it is dead, nothing of it goes on: no call goes out, no answer comes in and no handler of errors runs.
 */
export interface Mortal {
  runtime: Runtime;
  /** Lets it do something. Undefined where it died before it answered. */
  attempt<T>(work: (runtime: Runtime) => Promise<T>): Promise<{ answer: T } | undefined>;
  /** What it has done or begun to do, in order, in words that are the same in each run. */
  points: string[];
  sendings: Sending[];
  dead(): boolean;
  /** Resolves once what it had sent before it died has come to its end on the other side. */
  gone(): Promise<void>;
}

const writes = new Set(["TransactWrite", "BatchWrite", "Put", "Update", "Delete"]);

/** A process on a world's table, with a program memory of its own. @param death none: it lives for ever */
export function mortal(world: World, death?: Death): Mortal {
  const points: string[] = [];
  const sendings: Sending[] = [];
  const underWay = new Set<Promise<unknown>>();
  const died = Promise.withResolvers<undefined>();
  let dead = false;
  const never = new Promise<never>(() => {});

  /** @param point absent for what changes nothing outside */
  async function through<T>(point: string | undefined, send: () => Promise<T>): Promise<T> {
    if (dead) return never;
    if (point !== undefined) points.push(point);
    const counted = points.filter((each) => each === (death?.of ?? each)).length;
    const dies = death !== undefined && point === (death.of ?? point) && point !== undefined && counted === death.at;
    const die = () => {
      dead = true;
      died.resolve(undefined);
      return never;
    };
    if (dies && death.when === "before") return die();
    const sent = send();
    const ended = sent.then(
      () => {},
      () => {},
    );
    underWay.add(ended);
    await ended;
    underWay.delete(ended);
    if (dies) return die();
    return dead ? never : sent;
  }

  const table = wrapped(world.table, (call, send) =>
    through(pointOf(call), async () => {
      const answer = await send();
      const ended = effectIn(call);
      if (ended?.state === "done") for (const each of sendings) if (each.effectId === ended.id) each.recorded = true;
      return answer;
    }),
  );
  const stripe: StripeGateway = {
    // It looks at nothing outside; a test may set it later.
    verifySignature: (...all) => world.stripe.verifySignature(...all),
    ensureCoupon: (...all) => through("stripe ensureCoupon", () => world.stripe.ensureCoupon(...all)),
    findPromotionCode: (...all) => through("stripe findPromotionCode", () => world.stripe.findPromotionCode(...all)),
    createPromotionCode: (...all) =>
      through("stripe createPromotionCode", () => world.stripe.createPromotionCode(...all)),
    setPromotionCodeActive: (...all) =>
      through("stripe setPromotionCodeActive", () => world.stripe.setPromotionCodeActive(...all)),
    getPromotionCode: (...all) => through("stripe getPromotionCode", () => world.stripe.getPromotionCode(...all)),
    getObject: (...all) => through("stripe getObject", () => world.stripe.getObject(...all)),
    getInvoice: (...all) => through("stripe getInvoice", () => world.stripe.getInvoice(...all)),
    findSessions: (...all) => through("stripe findSessions", () => world.stripe.findSessions(...all)),
    findInvoicePayments: (...all) =>
      through("stripe findInvoicePayments", () => world.stripe.findInvoicePayments(...all)),
    listEvents: (...all) => through("stripe listEvents", () => world.stripe.listEvents(...all)),
    withKey: (apiKey) => {
      const setup = world.stripe.withKey(apiKey);
      return {
        account: () => through(undefined, () => setup.account()),
        webhooks: () => through(undefined, () => setup.webhooks()),
        createWebhook: (input) => through("stripe createWebhook", () => setup.createWebhook(input)),
        deleteWebhook: (id) => through("stripe deleteWebhook", () => setup.deleteWebhook(id)),
      };
    },
  };
  const program = cachedProgram(table);

  /** One request's or one record's view: effects run one after the other in it, so a mail is that of the effect claimed last. */
  function context(actor: Context["actor"], more?: Parameters<Runtime["context"]>[1]): Context {
    let claimed = "";
    const view = wrapped(table, (call, send) => {
      const effect = effectIn(call);
      if (effect?.leaseUntilMs !== undefined) claimed = effect.id;
      return send();
    });
    const whole = world.runtime.context(actor, more);
    const mail: Context["gateways"]["mail"] = {
      ...whole.gateways.mail,
      send: (outgoing) =>
        through("mail", async () => {
          const answer = await whole.gateways.mail.send(outgoing);
          sendings.push({ effectId: claimed, to: outgoing.to, subject: outgoing.subject, recorded: false });
          return answer;
        }),
    };
    const kept = whole.gateways.secrets;
    const secrets: Context["gateways"]["secrets"] = {
      ...kept,
      putConnection: (...all) => through("secrets put", () => kept.putConnection(...all)),
      deleteConnection: (...all) => through("secrets delete", () => kept.deleteConnection(...all)),
    };
    return { ...whole, table: view, program: program.get, gateways: { ...whole.gateways, stripe, mail, secrets } };
  }

  const runtime: Runtime = { ...world.runtime, table, context, forgetProgram: program.forget };
  return {
    runtime,
    attempt: (work) =>
      dead ? Promise.resolve(undefined) : Promise.race([died.promise, work(runtime).then((answer) => ({ answer }))]),
    points,
    sendings,
    dead: () => dead,
    gone: async () => void (await Promise.all(underWay)),
  };
}

interface StoredEffect {
  id: string;
  kind: string;
  state: string;
  leaseUntilMs?: number;
}

function effectIn({ name, input }: Call): StoredEffect | undefined {
  const item = name === "TransactWrite" && input.TransactItems.length === 1 && input.TransactItems[0].Put?.Item;
  return item && item.__edb_e__ === "effect" ? item : undefined;
}

/** `write code+promo`: what a write writes; undefined for a read. */
function pointOf(call: Call): string | undefined {
  if (!writes.has(call.name)) return undefined;
  const effect = effectIn(call);
  if (effect) return `${effect.kind} ${effect.leaseUntilMs === undefined ? effect.state : "claimed"}`;
  const items =
    call.name === "TransactWrite"
      ? call.input.TransactItems.map((item: object) => Object.values(item)[0])
      : [call.input];
  const named = items.map(({ Item, Key }: { Item?: Stored; Key?: Stored }) => {
    const { pk, sk, __edb_e__ } = (Item ?? Key)!;
    return __edb_e__ ?? `${pk.split("#")[0]}/${sk.split("#")[0]}`;
  });
  return `write ${named.join("+")}`;
}

interface Stored {
  pk: string;
  sk: string;
  __edb_e__?: string;
}
