import type {
  AmbassadorStatus,
  ApplicationStatus,
  CodeState,
  CommissionState,
  ConnectionState,
  DeclineReason,
  EventSource,
  EventStatus,
  OrderStatus,
  Provider,
  QuestionKind,
  Role,
  SignalKind,
} from "@laurel/contract";

/** How a state looks: the colour is only ever a second hint beside the word. */
export type Tone = "strong" | "good" | "wait" | "bad" | "quiet" | "plain";
type Words<K extends string> = Record<K, { label: string; tone: Tone }>;

export const applicationWords: Words<ApplicationStatus> = {
  submitted: { label: "Not confirmed", tone: "quiet" },
  confirmed: { label: "Waiting", tone: "wait" },
  waitlisted: { label: "Waitlisted", tone: "wait" },
  approved: { label: "Approved", tone: "good" },
  declined: { label: "Declined", tone: "bad" },
  withdrawn: { label: "Withdrawn", tone: "quiet" },
};

export const orderWords: Words<OrderStatus> = {
  pending: { label: "Awaiting payment", tone: "wait" },
  paid: { label: "Paid", tone: "good" },
  partly_refunded: { label: "Partly refunded", tone: "wait" },
  refunded: { label: "Refunded", tone: "bad" },
  void: { label: "Void", tone: "quiet" },
  merged: { label: "Merged", tone: "quiet" },
};

export const commissionWords: Words<CommissionState> = {
  pending: { label: "Pending", tone: "wait" },
  held: { label: "On hold", tone: "wait" },
  available: { label: "Available", tone: "good" },
  reversed: { label: "Reversed", tone: "bad" },
};

export const codeWords: Words<CodeState> = {
  activating: { label: "Activating", tone: "wait" },
  active: { label: "Active", tone: "good" },
  failed: { label: "Failed", tone: "bad" },
  disabled: { label: "Disabled", tone: "quiet" },
};

export const ambassadorWords: Words<AmbassadorStatus> = {
  active: { label: "Active", tone: "good" },
  suspended: { label: "Suspended", tone: "wait" },
  banned: { label: "Banned", tone: "bad" },
  left: { label: "Left", tone: "quiet" },
};

export const connectionWords: Words<ConnectionState> = {
  connecting: { label: "Connecting", tone: "wait" },
  active: { label: "Active", tone: "good" },
  disconnected: { label: "Disconnected", tone: "quiet" },
};

export const providerWords: Record<Provider, string> = {
  stripe: "Stripe",
  shopify: "Shopify",
  woocommerce: "WooCommerce",
};

export const eventWords: Words<EventStatus> = {
  processed: { label: "Processed", tone: "good" },
  ignored: { label: "Ignored", tone: "quiet" },
  waiting: { label: "Waiting", tone: "wait" },
  unprocessable: { label: "Unprocessable", tone: "bad" },
  failed: { label: "Failed", tone: "bad" },
};

/** How an event came here. */
export const eventSourceWords: Record<EventSource, string> = {
  webhook: "By webhook",
  comparison: "Found by comparison",
};

export const signalWords: Record<SignalKind, string> = {
  promotion_code: "Promo code",
  click: "Link click",
  customer: "Known customer",
  subscription: "Subscription",
  manual: "Decided by hand",
};

export const questionWords: Record<QuestionKind, string> = {
  short: "One line",
  long: "Several lines",
  choice: "One of several choices",
  link: "A web address",
};

export const roleWords: Record<Role, string> = {
  owner: "Owner",
  manager: "Manager",
  finance: "Finance",
  viewer: "Viewer",
  ambassador: "Ambassador",
};

/** The reasons as the team picks them; the applicant reads the contract's longer sentence. */
export const declineWords: Record<DeclineReason, string> = {
  audience_mismatch: "Audience does not match",
  content_mismatch: "Content style does not match",
  too_few_details: "Too few details",
  not_a_customer: "Not a customer for long enough",
  country_not_supported: "Country not supported",
  program_full: "Program is full",
  conduct_concern: "Conduct concern",
  other: "Other",
};

/** The name of a country in the viewer's language; the code itself where there is none. */
export function countryName(code: string, locale?: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

export const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** "Your name" + "is missing" → "Your name is missing." Messages that are sentences of their own stay as they are. */
export function fieldMessage(subject: string, message: string): string {
  if (message.startsWith("Invalid")) return `${subject} is missing or not understood.`;
  if (/^[A-Z]/.test(message)) return message;
  return `${subject} ${message}${/[.!?]$/.test(message) ? "" : "."}`;
}
