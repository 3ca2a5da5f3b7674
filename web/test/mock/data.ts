import {
  AmbassadorDetail,
  ApplicantView,
  Application,
  Audit,
  Balance,
  Campaign,
  Claim,
  ClaimDetail,
  Code,
  Commission,
  Connections,
  Correction,
  CorrectionPreview,
  Effect,
  EventDetail,
  Flag,
  FraudSignals,
  type Id,
  type IdKind,
  idPrefixes,
  JobDetail,
  Me,
  Order,
  OwnClaim,
  Program,
  PublicProgram,
  Receipt,
  SavedRules,
  Setup,
  Simulation,
  Tier,
} from "@laurel/contract";
import type * as z from "zod";

/* A small made-up brand, every piece read through the contract's own schema, so that a change there breaks it here. */

const made = <S extends z.ZodType>(schema: S, value: z.input<S>): z.output<S> => schema.parse(value);

const letters = "0123456789abcdefghjkmnpqrstvwxyz";
export function id<K extends IdKind>(kind: K, n: number): Id<K> {
  const tail = [n >> 10, (n >> 5) & 31, n & 31].map((part) => letters[part & 31]).join("");
  return (
    `${idPrefixes[kind]}_01kajq4c0000000000000000${tail}`.slice(0, idPrefixes[kind].length + 27 - tail.length) + tail
  );
}

const now = Date.now();
const day = 86_400_000;
export const ago = (days: number) => new Date(now - days * day).toISOString();

const rules = {
  version: 3,
  precedence: ["promotion_code" as const, "click" as const, "customer" as const],
  clickWindowDays: 30,
  clickTouch: "last" as const,
  severalCodes: "first" as const,
  newCustomersOnly: false,
  countOwnOrders: false,
  bindingMonths: null,
  renewalMonths: 12,
  campaignDates: true,
  countOutOfBand: false,
};

export const program = made(Program, {
  name: "Demo Coffee",
  voice:
    "We roast slowly and talk quickly. If your friends already know what you drink in the morning, we would like to meet you.",
  timeZone: "Europe/Berlin",
  currency: "EUR",
  holdDays: 30,
  shopUrl: "https://shop.example/",
  senderName: "Demo Coffee",
  replyTo: "team@shop.example",
  approveAbove: [{ currency: "EUR", amountMinor: 10_000 }],
  claimDays: 14,
  fraud: { expiryDays: 14, graceDays: 3, off: [], thresholds: {} },
  niches: ["Coffee", "Baking", "Travel", "Cycling", "Design", "Parenting"],
  questions: [
    {
      id: id("question", 1),
      kind: "choice",
      label: "How do you brew at home?",
      help: "The one you use on a normal Tuesday.",
      required: true,
      options: ["Filter", "Espresso", "French press", "I let others do it"],
    },
    { id: id("question", 2), kind: "short", label: "Which of our coffees do you drink?", required: false },
    { id: id("question", 3), kind: "link", label: "A post you are proud of", required: false },
    { id: id("question", 4), kind: "long", label: "What would you show your friends first?", required: false },
  ],
  guidelines: { version: "2026-03", url: "https://shop.example/guidelines" },
  terms: { version: "4", url: "https://shop.example/terms" },
  privacy: { version: "2026-01", url: "https://shop.example/privacy" },
  rules,
  version: 12,
  updatedAt: ago(9),
});
/** The program as somebody else saved it while a form was open. */
export const programMeanwhile = made(Program, {
  ...program,
  holdDays: 14,
  rules: { ...rules, version: 4, clickWindowDays: 60, renewalMonths: null },
  version: 13,
  updatedAt: ago(0.001),
});

/** The rules as they were before, the newest first. */
export const savedRules = [
  made(SavedRules, { ...rules, savedAt: ago(9), savedBy: { id: id("person", 1), name: "Mara Holm" } }),
  made(SavedRules, {
    ...rules,
    version: 2,
    bindingMonths: 6,
    clickTouch: "first",
    savedAt: ago(80),
    savedBy: { id: id("person", 2), name: null },
  }),
  made(SavedRules, {
    ...rules,
    version: 1,
    precedence: ["click", "promotion_code"],
    bindingMonths: 6,
    clickTouch: "first",
    savedAt: ago(200),
    savedBy: null,
  }),
];

export const fraudSignals = made(FraudSignals, {
  items: [
    {
      rule: "own_email",
      title: "The ambassador's own e-mail",
      severity: "high",
      looksAt: "keyed hashes of both addresses, with `+…` and, at providers where they do not count, dots taken out",
      window: "the order",
      threshold: null,
    },
    {
      rule: "velocity",
      title: "Very many orders at once",
      severity: "medium",
      looksAt:
        "the code's orders within an hour; not where its ambassador's links were visited at least 2 times for each of them",
      window: "1 hour; visits of 2 days",
      threshold: { value: 30, of: "orders of one code within the hour" },
    },
    {
      rule: "refund_rate",
      title: "Many orders go back",
      severity: "medium",
      looksAt: "the ambassador's orders of which more than half went back; from 10 orders on",
      window: "90 days",
      threshold: { value: 40, of: "per cent of the ambassador's orders" },
    },
  ],
});

export const publicProgram = PublicProgram.parse(program);

export const tiers = [
  made(Tier, { id: id("tier", 1), name: "Starter", rateBp: 1000, position: 1 }),
  made(Tier, { id: id("tier", 2), name: "Laurel", rateBp: 1500, position: 2 }),
];
export const campaigns = [
  made(Campaign, {
    id: id("campaign", 1),
    name: "Always on",
    objective: "support",
    offer: "15% off",
    percentOff: 15,
    landingUrl: "https://shop.example/",
    isDefault: true,
    startsOn: null,
    endsOn: null,
  }),
  made(Campaign, {
    id: id("campaign", 2),
    name: "Winter blend",
    objective: "product",
    offer: "20% off the winter blend",
    percentOff: 20,
    landingUrl: "https://shop.example/winter",
    isDefault: false,
    startsOn: "2026-11-01",
    endsOn: "2027-02-28",
  }),
];

const people: [name: string, country: string, niche: string, followers: number, why: string][] = [
  [
    "Anna Lindqvist",
    "SE",
    "Baking",
    18_400,
    "I bake for a small street café in Malmö and film the mornings before it opens.\n\nYour filter roast is in every one of those films anyway; people ask me about the bag more often than about the buns.",
  ],
  [
    "Tomás Herrera",
    "MX",
    "Cycling",
    5210,
    "Forty kilometres before work, one flat white after. My club orders from you together already, a code would make it official.",
  ],
  [
    "Yuki Tanaka",
    "JP",
    "Design",
    92_000,
    "I draw packaging for a living and yours is the one that I keep on the shelf after it is empty.",
  ],
  [
    "Amara Okafor",
    "NG",
    "Parenting",
    1200,
    "Small channel, but they answer. I would tell them the truth, also when a roast is not for me.",
  ],
  ["Bartholomew Featherstonehaugh-Montgomery", "GB", "Travel", 640_000, "Trains, thermos flasks and long distances."],
  [
    "Lena Vogel",
    "DE",
    "Coffee",
    3300,
    "I run the brewing evenings of our neighbourhood and want to send people somewhere good.",
  ],
];

export const applications = Array.from({ length: 14 }, (_, n) => {
  const [name, country, niche, followers, why] = people[n % people.length]!;
  const handle = name.toLowerCase().replaceAll(/[^a-z]+/g, ".");
  return made(Application, {
    id: id("application", n + 1),
    status: "confirmed",
    name,
    email: `${handle}@example.com`,
    country,
    channels: [
      { kind: "instagram", handle: `@${handle}`.slice(0, 40), followers },
      ...(n % 2 === 0
        ? [
            {
              kind: "blog" as const,
              url: "https://example.com/a-rather-long-address/that-goes-on",
              followers: Math.round(followers / 7),
            },
          ]
        : []),
      ...(n % 3 === 0 ? [{ kind: "podcast" as const, handle: "Crumbs & Crema", followers: 800 }] : []),
    ],
    maxFollowers: followers,
    niche,
    why,
    answers:
      n % 4 === 3
        ? []
        : [
            {
              questionId: id("question", 1),
              label: "How do you brew at home?",
              kind: "choice" as const,
              answer: "Filter",
            },
            {
              questionId: id("question", 3),
              label: "A post you are proud of",
              kind: "link" as const,
              answer: "https://example.com/posts/a-morning-in-the-roastery",
            },
          ],
    marketingConsent: n % 2 === 0,
    accepted: { guidelinesVersion: "2026-03", termsVersion: "4", privacyVersion: "2026-01", at: ago(n * 0.7) },
    submittedAt: ago(n * 0.7 + 0.02),
    confirmedAt: ago(n * 0.7),
    decision: null,
    ambassadorId: null,
    mailTrouble: null,
    undoForMs: null,
  });
});

/** A job as it stands: while it runs, when it has ended, and the one that undoes it. */
export const job = (n: number) => {
  const running = n === 1;
  const kind = n === 3 ? ("applications.undo" as const) : ("applications.decline" as const);
  const rows = applications.slice(0, running ? 5 : 12).map((each, at) => ({
    row: at + 1,
    subject: each.id,
    name: each.name,
    ...(at % 5 === 4
      ? {
          outcome: "refused" as const,
          code: "application.withdrawn",
          message: "The applicant has withdrawn this application. There is nothing left to decide.",
        }
      : { outcome: "done" as const, code: null, message: null }),
  }));
  const refused = rows.filter((row) => row.outcome === "refused").length;
  return made(JobDetail, {
    id: id("job", n),
    kind,
    state: running ? "running" : "done",
    counts: { total: 12, done: rows.length - refused, refused },
    error: null,
    createdAt: ago(0.002),
    createdBy: id("person", 1),
    createdByName: "Mia Lind",
    finishedAt: running ? null : ago(0.001),
    undoes: n === 3 ? id("job", 2) : null,
    undoneBy: null,
    undoForMs: n === 2 ? 540_000 : null,
    rows: { items: rows, cursor: null },
  });
};

/** Events that are replayed. */
export const replayJob = made(JobDetail, {
  ...job(2),
  id: id("job", 90),
  kind: "events.replay",
  counts: { total: 3, done: 2, refused: 1 },
  undoForMs: null,
  rows: {
    items: [
      { outcome: "done" as const, code: null, message: null },
      {
        outcome: "done" as const,
        code: "event.settled",
        message: "It was settled before: nothing was changed.",
      },
      {
        outcome: "refused" as const,
        code: "event.unprocessable",
        message: "The event can't be understood: amount_total is not an amount.",
      },
    ].map((row, n) => ({ row: n + 1, subject: `${id("connection", 1)}~evt_1Qx${n}Laurel`, name: null, ...row })),
    cursor: null,
  },
});

/** What the day's work has found at a checkout. */
export const compareJob = made(JobDetail, {
  ...job(2),
  id: id("job", 91),
  kind: "connection.compare",
  createdBy: "day",
  createdByName: null,
  counts: { total: 0, done: 3, refused: 0 },
  undoForMs: null,
  rows: { items: [], cursor: null },
});

export const declined = made(Application, {
  ...applications[1]!,
  id: id("application", 90),
  status: "declined",
  decision: {
    outcome: "declined",
    decidedAt: ago(2),
    decidedBy: id("person", 1),
    decidedByName: "Mara Holm",
    reason: "program_full",
    note: "Ask again when the cycling push starts.",
    reapply: { policy: "after_days", days: 90 },
  },
});

const code = (
  n: number,
  text: string,
  state: "active" | "activating" | "failed" | "disabled",
  primary: boolean,
  stateReason: string | null = null,
) =>
  made(Code, {
    code: text,
    state,
    stateReason,
    promotionCodeId: state === "active" || state === "disabled" ? `promo_1Qx${n}Laurel` : null,
    campaignId: campaigns[primary ? 0 : 1]!.id,
    campaignName: campaigns[primary ? 0 : 1]!.name,
    offer: campaigns[primary ? 0 : 1]!.offer,
    link: `http://localhost:4321/r/${text}`,
    primary,
    createdAt: ago(120 - n),
    endsAt: null,
  });

export const ambassadors = people.map(([name, country, niche], n) =>
  made(AmbassadorDetail, {
    id: id("ambassador", n + 1),
    name,
    email: `${name.split(" ")[0]!.toLowerCase()}@example.com`,
    mailTrouble:
      n === 1
        ? {
            personId: id("person", 40),
            kind: "bounced",
            stopped: true,
            since: ago(4),
            because: "the mailbox does not exist or takes no mail from us",
          }
        : null,
    status: "active",
    statusReason: null,
    tier: tiers[n % 2]!,
    country,
    niche,
    joinedAt: ago(20 + n * 31),
    code: `${name
      .split(" ")[0]!
      .normalize("NFD")
      .replaceAll(/[^A-Za-z]/g, "")
      .toUpperCase()}15`,
    codes: [
      code(
        1,
        `${name
          .split(" ")[0]!
          .normalize("NFD")
          .replaceAll(/[^A-Za-z]/g, "")
          .toUpperCase()}15`,
        "active",
        true,
      ),
      ...(n === 0
        ? [
            code(2, "ANNAWINTER20", "failed", false, "A promotion code with this name exists already at the checkout."),
            code(3, "ANNAFALL", "activating", false),
          ]
        : []),
    ],
  }),
);
const anna = ambassadors[0]!;

export const balances = [
  made(Balance, {
    currency: "EUR",
    pendingMinor: 4230,
    heldMinor: 0,
    availableMinor: 18_675,
    inPayoutMinor: 0,
    paidMinor: 61_240,
  }),
  made(Balance, {
    currency: "SEK",
    pendingMinor: 0,
    heldMinor: 12_000,
    availableMinor: -4500,
    inPayoutMinor: 9000,
    paidMinor: 120_000,
  }),
  made(Balance, { currency: "JPY", pendingMinor: 0, heldMinor: 0, availableMinor: 0, inPayoutMinor: 0, paidMinor: 0 }),
];

const currencies = ["EUR", "EUR", "SEK", "JPY"];
const statuses = ["paid", "paid", "partly_refunded", "paid", "refunded", "pending"] as const;
export const orders = Array.from({ length: 16 }, (_, n) => {
  const status = statuses[n % statuses.length]!;
  const grossMinor = 4900 + n * 1310;
  const baseMinor = Math.round(grossMinor * 0.8);
  const earnedMinor = Math.round(baseMinor / 10);
  const refundedMinor =
    status === "refunded" ? grossMinor : status === "partly_refunded" ? Math.round(grossMinor / 4) : 0;
  return made(Order, {
    id: id("order", n + 1),
    connectionId: id("connection", 1),
    externalIds: [`cs_test_a1${n}9mXkQ`, `pi_3Qy${n}LaurelPi`],
    occurredAt: ago(n * 4.3 + 0.1),
    status,
    currency: currencies[n % currencies.length]!,
    grossMinor,
    baseMinor,
    refundedMinor,
    disputedMinor: 0,
    number: n % 2 === 0 ? `#10${42 - n}` : null,
    subscriptionId: null,
    mergedInto: null,
    newCustomer: n % 4 === 3 ? null : n % 3 !== 1,
    attribution:
      n === 5
        ? null
        : {
            ambassadorId: anna.id,
            code: n === 3 ? null : "ANNA15",
            reason: n === 3 ? "customer" : n === 4 ? "click" : "promotion_code",
          },
    commission:
      n === 5
        ? null
        : {
            earnedMinor,
            reversedMinor:
              status === "refunded" ? earnedMinor : status === "partly_refunded" ? Math.round(earnedMinor / 4) : 0,
            state: status === "refunded" ? "reversed" : n < 7 ? "pending" : "available",
            releaseAt: new Date(now + (30 - n * 4.3) * day).toISOString(),
            releaseDay: new Date(now + (30 - n * 4.3) * day).toISOString().slice(0, 10),
          },
  });
});

export const commissions = orders.flatMap((order) =>
  order.commission
    ? [
        made(Commission, {
          orderId: order.id,
          occurredAt: order.occurredAt,
          code: order.attribution?.code ?? null,
          currency: order.currency,
          baseMinor: order.baseMinor,
          rateBp: 1000,
          ...order.commission,
        }),
      ]
    : [],
);

export const receipt = (audience: "staff" | "ambassador") =>
  made(Receipt, {
    orderId: orders[2]!.id,
    audience,
    revision: 2,
    decidedAt: ago(8),
    summary:
      audience === "staff"
        ? "Counts for Anna Lindqvist: the code ANNA15 was used at the checkout, and a code is believed before a click."
        : "Counts for you: your code ANNA15 was used at the checkout, and a code is believed before a click.",
    order: {
      version: 4,
      number: "#1042",
      connectionId: audience === "staff" ? id("connection", 1) : null,
      externalIds: audience === "staff" ? ["cs_test_a1b2c3d4e5f6g7h8i9j0kLmNoPqRsTuVwXyZ", "pi_3Qy2LaurelPi"] : [],
      occurredAt: ago(8.6),
      status: "partly_refunded",
      currency: "EUR",
      grossMinor: 10_965,
      refundedMinor: 3655,
    },
    signals: [
      { kind: "promotion_code", value: "ANNA15", seenAt: ago(8.6) },
      ...(audience === "staff"
        ? [{ kind: "click" as const, value: "clk_01kajq4c0000000000000000zz", seenAt: ago(11) }]
        : []),
    ],
    candidates: [
      {
        who: audience === "staff" ? "Anna Lindqvist" : "you",
        ambassadorId: anna.id,
        kind: "promotion_code",
        code: "ANNA15",
        outcome: "won",
        rule: "strongest_signal",
        explanation: "The strongest signal that named an ambassador",
      },
      audience === "staff"
        ? {
            who: "Tomás Herrera",
            ambassadorId: ambassadors[1]!.id,
            kind: "click",
            code: "TOMAS15",
            outcome: "lost",
            rule: "weaker_signal",
            explanation: "A stronger signal named somebody",
          }
        : {
            who: "another ambassador",
            ambassadorId: null,
            kind: null,
            code: null,
            outcome: "lost",
            rule: "weaker_signal",
            explanation: "A stronger signal named somebody",
          },
      {
        who: "nobody",
        ambassadorId: null,
        kind: "customer",
        code: null,
        outcome: "lost",
        rule: "not_bound",
        explanation: "The customer is not bound to anyone",
      },
    ],
    rules: { ...rules, holdDays: 30 },
    inputs: { newCustomer: true, subscription: null },
    holds: [
      {
        reason: audience === "staff" ? `flag:${id("flag", 1)}` : "flag",
        sentence: audience === "staff" ? "A fraud signal has flagged it" : "It is being checked",
        since: ago(2),
        until: ago(-12),
      },
    ],
    base: {
      lines: [
        { label: "Products", amountMinor: 12_900 },
        { label: "Discount (ANNA15, 15% off)", amountMinor: -1935 },
        { label: "Tax included", amountMinor: -1751 },
        { label: "Shipping", amountMinor: 0 },
      ],
      baseMinor: 9214,
    },
    rate: { tierId: tiers[1]!.id, tierName: "Laurel", rateBp: 1500 },
    commission: {
      earnedMinor: 1382,
      reversedMinor: 461,
      state: "pending",
      releaseAt: new Date(now + 21 * day).toISOString(),
      releaseDay: new Date(now + 21 * day).toISOString().slice(0, 10),
    },
    reversals: [
      { at: ago(5), cause: "refund", refundedMinor: 1800, disputedMinor: 0, reversedMinor: 227 },
      { at: ago(2), cause: "refund", refundedMinor: 3655, disputedMinor: 0, reversedMinor: 461 },
    ],
    revisions: [
      { revision: 1, decidedAt: ago(8.6), cause: "The sale arrived" },
      { revision: 2, decidedAt: ago(8), cause: "The promotion code was looked up at the checkout" },
    ],
  });

const eventKinds = [
  ["checkout.session.completed", "processed", "Order made and counted for ANNA15."],
  ["charge.refunded", "processed", "€18.00 refunded; €2.27 of the commission reversed."],
  ["customer.updated", "ignored", "Events of this type are stored and not used."],
  ["checkout.session.completed", "waiting", "Stored; it is decided in a moment."],
  ["unknown", "unprocessable", "The signature is right, but the body is not an event: amount_total is missing."],
  ["refund.created", "failed", "Gave up after 8 tries: the engine did not answer."],
] as const;
export const events = eventKinds.map(([type, status, outcome], n) =>
  made(EventDetail, {
    id: `${id("connection", 1)}~evt_1Qx${n}Laurel`,
    connectionId: id("connection", 1),
    provider: "stripe",
    providerEventId: `evt_1Qx${n}Laurel`,
    type,
    receivedAt: ago(n * 0.4),
    source: n === 1 ? "comparison" : "webhook",
    status,
    outcome,
    orderId: n < 2 ? orders[2]!.id : null,
    attempts: n === 5 ? 8 : 1,
    nextAttemptAt: status === "waiting" ? new Date(now + 120_000).toISOString() : null,
    payload:
      n === 2
        ? null
        : {
            id: `evt_1Qx${n}Laurel`,
            object: "event",
            type,
            data: {
              object: {
                id: "cs_test_a1b2",
                amount_total: 10_965,
                currency: "eur",
                customer_details: { email: "▮▮▮", name: "▮▮▮" },
                total_details: { amount_discount: 1935, amount_tax: 1751 },
              },
            },
          },
  }),
);

const flag = (n: number, more: Partial<Flag>) =>
  made(Flag, {
    id: id("flag", n),
    orderId: orders[n]!.id,
    orderNumber: `#10${42 + n}`,
    orderedAt: ago(2.1 + n),
    ambassadorId: anna.id,
    ambassadorName: "Anna Lindqvist",
    code: "ANNA15",
    rule: "own_email",
    title: "The ambassador's own e-mail",
    severity: "high",
    state: "open",
    evidence: ["The order was placed with the ambassador's own mailbox, the address written a little differently."],
    raisedAt: ago(2 + n),
    expiresAt: ago(n - 12),
    held: { currency: "EUR", amountMinor: 1096 },
    otherHolds: 0,
    resolution: null,
    mayResolve: true,
    mayConfirm: true,
    ...more,
  } as Flag);

export const flags = [
  flag(3, {
    rule: "burst_without_clicks",
    title: "A burst of orders without visits",
    severity: "medium",
    evidence: [
      "23 orders came with this code within 24 hours; on a usual day there are 1.4.",
      "In two days the ambassador's links were visited 4 times. The code may have leaked.",
    ],
    otherHolds: 1,
  }),
  flag(1, {}),
  flag(2, {
    rule: "by_hand",
    title: "Raised by a person",
    severity: "medium",
    orderNumber: null,
    code: null,
    evidence: ["The parcel went back unopened, for the third time."],
    held: null,
    mayConfirm: false,
  }),
];
export const endedFlags = [
  flag(4, {
    state: "cleared",
    held: null,
    mayResolve: false,
    mayConfirm: false,
    resolution: { at: ago(1), byName: "Mara Holm", reason: "A present for her sister; the shop has the note." },
  }),
];

export const effects = [
  made(Effect, {
    id: id("effect", 1),
    kind: "code.sync",
    subject: "ANNAWINTER20",
    state: "dead",
    attempts: 8,
    createdAt: ago(1.2),
    nextAttemptAt: null,
    lastError: "A promotion code with this name exists already at the checkout.",
    person: null,
  }),
  made(Effect, {
    id: id("effect", 2),
    kind: "mail.application_decided",
    subject: id("application", 4),
    state: "dead",
    attempts: 8,
    createdAt: ago(3),
    nextAttemptAt: null,
    lastError: "The mail service refused the address.",
    person: null,
  }),
];

export const audit = [
  made(Audit, {
    id: id("audit", 1),
    at: ago(0.1),
    actor: { kind: "person", id: id("person", 1), name: "Mara Holm" },
    action: "application.declined",
    subject: declined.id,
    before: { status: "confirmed" },
    after: { status: "declined", reason: "program_full" },
    note: "Ask again when the cycling push starts.",
    requestId: id("request", 1),
  }),
  made(Audit, {
    id: id("audit", 2),
    at: ago(1),
    actor: { kind: "person", id: id("person", 2), name: "Jonas Weber" },
    action: "program.changed",
    subject: "program",
    before: { holdDays: 14, clickWindowDays: 30 },
    after: { holdDays: 30, clickWindowDays: 30 },
    note: null,
    requestId: id("request", 2),
  }),
  made(Audit, {
    id: id("audit", 3),
    at: ago(1.5),
    actor: { kind: "public", id: null, name: null },
    action: "application.withdrawn",
    subject: id("application", 77),
    before: { status: "confirmed" },
    after: { status: "withdrawn" },
    note: null,
    requestId: null,
  }),
  made(Audit, {
    id: id("audit", 4),
    at: ago(2),
    actor: { kind: "system", id: null, name: null },
    action: "commission.released",
    subject: anna.id,
    before: null,
    after: { count: 3, availableMinor: 1240 },
    note: null,
    requestId: null,
  }),
];

export const me = (who: string): Me | undefined => {
  const roles = { owner: ["owner"], viewer: ["viewer"], ambassador: ["ambassador"], both: ["manager", "ambassador"] }[
    who
  ];
  if (!roles) return undefined;
  const isAmbassador = roles.includes("ambassador");
  return made(Me, {
    id: id("person", 9),
    name: isAmbassador ? "Anna Lindqvist" : "Mara Holm",
    email: "someone@example.com",
    roles: roles as Me["roles"],
    ambassador: isAmbassador ? Object.assign({ mayChooseCode: who === "ambassador" }, anna) : null,
  });
};

export const applicant = (status: ApplicantView["status"]) =>
  made(ApplicantView, {
    id: id("application", 50),
    status,
    submittedAt: ago(6),
    confirmedAt: status === "submitted" ? null : ago(5.9),
    decision:
      status === "declined"
        ? {
            outcome: "declined",
            decidedAt: ago(1),
            reason: "program_full",
            reasonText: "All places are taken at the moment",
            reapply: "after_days",
            reapplyOn: ago(-89).slice(0, 10),
          }
        : status === "waitlisted" || status === "approved"
          ? { outcome: status, decidedAt: ago(1), reason: null, reasonText: null, reapply: null, reapplyOn: null }
          : null,
    canWithdraw: ["submitted", "confirmed", "waitlisted"].includes(status),
  });

const trouble = {
  personId: id("person", 41),
  kind: "bounced" as const,
  stopped: true,
  since: ago(4),
  because: "the mailbox does not exist or takes no mail from us",
};
export const skipped = [
  made(Effect, {
    id: id("effect", 8),
    kind: "mail.you_earned",
    subject: id("entry", 4),
    state: "skipped",
    attempts: 1,
    createdAt: ago(2),
    nextAttemptAt: null,
    lastError: `Mail does not reach this address since 2026-03-14, because ${trouble.because}.`,
    person: { id: trouble.personId, name: "Anna Lindqvist", mailTrouble: trouble },
  }),
  made(Effect, {
    id: id("effect", 9),
    kind: "mail.application_decided",
    subject: id("application", 4),
    state: "skipped",
    attempts: 1,
    createdAt: ago(5),
    nextAttemptAt: null,
    lastError: `Mail does not reach this address since 2026-03-11, because the mailbox is full.`,
    person: { id: id("person", 42), name: "Bea Okafor", mailTrouble: null },
  }),
];

const connection = {
  id: id("connection", 1),
  provider: "stripe" as const,
  name: "Demo Coffee",
  livemode: true,
  accountId: "acct_1N4vDemoCoffee00",
  shopUrl: null,
  state: "active" as const,
  problem: null,
  keyEnds: "4xQz",
  webhookUrl: `https://ambassadors.shop.example/webhooks/stripe/${id("connection", 1)}`,
  webhook: { renewing: false, outdated: false, formerSecretUntil: null },
  codes: { state: "done" as const, done: 214, error: null },
  connectedAt: ago(40),
  disconnectedAt: null,
  lastEventAt: ago(0.01),
  lastBadSignatureAt: null,
  comparison: { at: ago(0.3), seen: 214, found: 0 },
};
export const connections = made(Connections, {
  items: [
    connection,
    {
      ...connection,
      id: id("connection", 2),
      name: "Demo Coffee, trying things out",
      livemode: false,
      keyEnds: "9aBc",
      webhook: { renewing: false, outdated: true, formerSecretUntil: ago(-0.5) },
      codes: { state: "failed", done: 31, error: "Stripe cannot be reached at the moment. It will be tried again." },
      lastEventAt: ago(3),
      lastBadSignatureAt: ago(0.2),
      comparison: { at: ago(0.3), seen: 38, found: 3 },
    },
    {
      ...connection,
      id: id("connection", 3),
      name: "Pop-up shop",
      state: "connecting",
      problem:
        "The API key may not do this at Stripe. It lacks webhook write. Give it the rights that Laurel needs, or use another key.",
      codes: null,
      connectedAt: null,
      lastEventAt: null,
      comparison: null,
    },
    {
      ...connection,
      id: id("connection", 4),
      name: "New roastery",
      state: "connecting",
      codes: null,
      connectedAt: null,
      lastEventAt: null,
      comparison: null,
    },
    {
      ...connection,
      id: id("connection", 6),
      provider: "shopify",
      name: "Demo Coffee at Shopify",
      accountId: "548380009",
      shopUrl: "https://demo-coffee.myshopify.com",
      webhookUrl: `https://ambassadors.shop.example/webhooks/shopify/${id("connection", 6)}`,
      comparison: null,
    },
    {
      ...connection,
      id: id("connection", 5),
      name: "Old shop",
      state: "disconnected",
      keyEnds: null,
      codes: null,
      disconnectedAt: ago(9),
    },
  ],
});

export const setup = made(Setup, {
  finished: false,
  steps: [
    { step: "sign_in", state: "done", about: null, href: null },
    { step: "connect", state: "done", about: null, href: null },
    {
      step: "sender",
      state: "next",
      about: "Amazon SES does not see the records of shop.example yet.",
      href: "https://eu-central-1.console.aws.amazon.com/ses/home?region=eu-central-1#/identities/shop.example",
    },
    {
      step: "sandbox",
      state: "waiting",
      about: "Amazon is looking at the request; that takes about a day.",
      href: "https://eu-central-1.console.aws.amazon.com/ses/home?region=eu-central-1#/account",
    },
    { step: "brand", state: "later", about: null, href: null },
    { step: "share", state: "later", about: null, href: null },
    { step: "first_event", state: "later", about: null, href: null },
  ],
});

const correction = (n: number, more: Partial<Correction>): Correction => ({
  id: id("correction", n),
  orderId: orders[n]!.id,
  orderNumber: `#104${n}`,
  kind: "move",
  currency: "EUR",
  from: { id: ambassadors[0]!.id, name: ambassadors[0]!.name },
  to: { id: ambassadors[1]!.id, name: ambassadors[1]!.name },
  reason: "The buyer wrote that Bruno had told them of us.",
  stakeMinor: 18_400,
  state: "proposed",
  proposedAt: ago(1),
  proposedBy: { id: id("person", 40), name: "Mia Manager" },
  decidedAt: null,
  decidedBy: null,
  note: null,
  claimId: null,
  mayApprove: true,
  ...more,
});

export const corrections = [
  made(Correction, correction(2, {})),
  made(Correction, correction(3, { mayApprove: false, claimId: id("claim", 2) })),
];

export const correctionPreview = made(CorrectionPreview, {
  orderId: orders[2]!.id,
  version: 4,
  kind: "move",
  currency: "EUR",
  from: {
    ambassadorId: ambassadors[0]!.id,
    name: ambassadors[0]!.name,
    code: "ANNA15",
    tierName: "Starter",
    rateBp: 1000,
    beforeMinor: 12_266,
    afterMinor: 0,
    state: "reversed",
    releaseDay: "2026-12-19",
  },
  to: {
    ambassadorId: ambassadors[1]!.id,
    name: ambassadors[1]!.name,
    code: "BRUNO15",
    tierName: "Laurel",
    rateBp: 1500,
    beforeMinor: 0,
    afterMinor: 18_400,
    state: "pending",
    releaseDay: "2026-12-19",
  },
  stakeMinor: 18_400,
  limitMinor: 10_000,
  needsApproval: true,
});

const ownClaim = (n: number, more: Partial<OwnClaim>): OwnClaim => ({
  id: id("claim", n),
  orderNumber: `#207${n}`,
  orderedOn: "2026-11-12",
  state: "open",
  createdAt: ago(3),
  dueOn: "2099-12-03",
  decidedAt: null,
  reason: null,
  orderId: null,
  ...more,
});

export const ownClaims = [
  made(OwnClaim, ownClaim(1, {})),
  made(OwnClaim, ownClaim(2, { state: "approved", reason: "Your follower wrote to us, too.", orderId: orders[2]!.id })),
  made(OwnClaim, ownClaim(3, { state: "declined", reason: "The order was placed before you joined." })),
];

const staffClaim = {
  ambassador: { id: ambassadors[0]!.id, name: ambassadors[0]!.name },
  correctionId: null,
  mayDecide: true,
};
export const claims = [
  made(Claim, { ...ownClaim(4, { dueOn: "2026-01-02" }), ...staffClaim }),
  made(Claim, { ...ownClaim(1, {}), ...staffClaim }),
  made(Claim, { ...ownClaim(5, {}), ...staffClaim, mayDecide: false, correctionId: id("correction", 3) }),
];
export const claimDetail = made(ClaimDetail, {
  ...claims[1]!,
  evidence: {
    text: "My sister bought it with my code.\nShe has the mail with the number.",
    link: "https://example.com/p/1",
  },
  orders: [orders[2]!],
});

/** Rules on trial: while they are looked at, with an answer, with nothing to try them on, and after the program was changed. */
export const simulation = (n: number) => {
  const person = (at: number, now: number, proposed: number, orders: [number, number]) => ({
    ambassadorId: ambassadors[at % ambassadors.length]!.id,
    name: ambassadors[at % ambassadors.length]!.name,
    ordersNow: orders[0],
    ordersProposed: orders[1],
    nowMinor: now,
    proposedMinor: proposed,
    differenceMinor: proposed - now,
  });
  const sums = (count: number, earnedMinor: number, reversedMinor: number) => ({
    orders: count,
    earnedMinor,
    reversedMinor,
    netMinor: earnedMinor - reversedMinor,
  });
  const [a, b] = ambassadors;
  const order = <M extends object>(at: number, more: M) => ({
    orderId: orders[at]!.id,
    number: `#20${40 + at}`,
    occurredAt: orders[at]!.occurredAt,
    currency: "EUR",
    ...more,
  });
  const result = {
    orders: { paid: 318, moved: 9, gained: 3, lost: 2, byHand: 1, kept: 0 },
    currencies: [
      {
        currency: "EUR",
        now: sums(241, 412_980, 20_310),
        proposed: sums(242, 456_420, 22_520),
        differenceMinor: 41_230,
        earnMore: 2,
        earnLess: 53,
        gains: [person(1, 88_120, 131_900, [61, 69]), person(2, 12_040, 14_350, [9, 10])],
        losses: [person(0, 121_300, 116_900, [70, 64]), person(3, 40_010, 39_550, [22, 21])],
      },
      {
        currency: "JPY",
        now: sums(4, 3200, 0),
        proposed: sums(4, 3200, 0),
        differenceMinor: 0,
        earnMore: 0,
        earnLess: 0,
        gains: [],
        losses: [],
      },
    ],
    examples: [
      order(2, {
        change: "moved" as const,
        differenceMinor: 615,
        from: a!.name,
        to: b!.name,
        by: "click" as const,
        rule: "weaker_signal" as const,
        sentence: `It would go to ${b!.name}, because of a click on the link ${b!.codes[0]!.code}. Why not ${a!.name} any more: a stronger signal named somebody.`,
      }),
      order(5, {
        change: "lost" as const,
        differenceMinor: -480,
        from: a!.name,
        to: null,
        by: null,
        rule: "outside_window" as const,
        sentence: `It would be nobody's. Why not ${a!.name} any more: the click is older than the rules allow.`,
      }),
      order(7, {
        change: "gained" as const,
        differenceMinor: 390,
        from: null,
        to: b!.name,
        by: "customer" as const,
        rule: null,
        sentence: `It would go to ${b!.name}, because of an earlier purchase of the customer.`,
      }),
    ],
  };
  const none = { paid: 0, moved: 0, gained: 0, lost: 0, byHand: 0, kept: 0 };
  const { version: _, ...inForce } = rules;
  return made(Simulation, {
    job: {
      ...job(n === 1 ? 1 : 2),
      id: id("job", 60 + n),
      kind: "simulation",
      counts: { total: 91, done: n === 1 ? 38 : 91, refused: 0 },
      undoForMs: null,
    },
    days: 90,
    from: ago(90),
    until: ago(0.002),
    rules: { ...inForce, precedence: ["click", "promotion_code", "customer"], clickWindowDays: 14 },
    changedRules: ["precedence", "clickWindowDays"],
    rates: n === 4 ? [{ tierId: tiers[0]!.id, tierName: tiers[0]!.name, nowBp: 1000, proposedBp: 1250 }] : [],
    program: { version: program.version, changedSince: n === 4 },
    result: n === 1 ? null : n === 3 ? { orders: none, currencies: [], examples: [] } : result,
  });
};
