/**
 * The closed sets of words that the code, the table and the API share. No schema stands here: what needs only the words, as
 * the receiver of webhooks does, loads without Zod.
 */

export const staffRoles = ["owner", "manager", "finance", "viewer"] as const;
export type StaffRole = (typeof staffRoles)[number];

export const roles = [...staffRoles, "ambassador"] as const;
export type Role = (typeof roles)[number];

export const codeStates = ["activating", "active", "failed", "disabled"] as const;
export type CodeState = (typeof codeStates)[number];

export const campaignObjectives = ["support", "product", "acquisition", "content", "engagement", "success"] as const;

export const ambassadorStatuses = ["active", "suspended", "banned", "left"] as const;
export type AmbassadorStatus = (typeof ambassadorStatuses)[number];

export const channelKinds = [
  "instagram",
  "tiktok",
  "youtube",
  "twitch",
  "x",
  "facebook",
  "pinterest",
  "linkedin",
  "blog",
  "podcast",
  "newsletter",
  "community",
  "other",
] as const;

export const applicationStatuses = [
  "submitted",
  "confirmed",
  "waitlisted",
  "approved",
  "declined",
  "withdrawn",
] as const;
export type ApplicationStatus = (typeof applicationStatuses)[number];

export const declineReasons = {
  audience_mismatch: "The audience is not the one we are looking for right now",
  content_mismatch: "The content is a different style from ours",
  too_few_details: "There was too little in the application for us to decide",
  not_a_customer: "We look for people who have used our products for a while",
  country_not_supported: "We can't work with ambassadors in this country yet",
  program_full: "All places are taken at the moment",
  conduct_concern: "Something we saw does not fit our guidelines",
  other: "It was not the right match this time",
} as const;
export type DeclineReason = keyof typeof declineReasons;

/** How an applicant answers: one line, several lines, one of some choices, or a web address. */
export const questionKinds = ["short", "long", "choice", "link"] as const;
export type QuestionKind = (typeof questionKinds)[number];

export const orderStatuses = ["pending", "paid", "partly_refunded", "refunded", "void", "merged"] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** What a buyer was when they placed an order, where that is known. */
export const customerKinds = ["new", "returning"] as const;
export type CustomerKind = (typeof customerKinds)[number];

export const commissionStates = ["pending", "held", "available", "reversed"] as const;
export type CommissionState = (typeof commissionStates)[number];

/** What can name an ambassador on an order, in the order in which the default rules believe it. */
export const rankedSignals = ["promotion_code", "click", "customer"] as const;
export type RankedSignal = (typeof rankedSignals)[number];

/** What a receipt can rest on. The payments of a subscription follow it; a person may decide by hand. */
export const signalKinds = [...rankedSignals, "subscription", "manual"] as const;
export type SignalKind = (typeof signalKinds)[number];

/** What became of a candidate, and by which rule. */
export const candidateRules = {
  strongest_signal: "The strongest signal that named an ambassador",
  weaker_signal: "A stronger signal named somebody",
  same_ambassador: "Names the same person as the winning signal",
  not_known_yet: "The code is being looked up at the checkout",
  awaits_checkout: "The checkout that this payment came from is being looked for",
  not_ours: "The code is not one of this program",
  unknown_click: "The click is not known here",
  outside_window: "The click is older than the rules allow",
  not_bound: "The customer is not bound to anyone",
  binding_over: "The customer has been bound for longer than the rules allow",
  several_codes: "Codes of several ambassadors were used, and the rules then believe none of them",
  code_replaced: "The code had been replaced by another one before",
  outside_campaign: "The code's campaign was not running then",
  returning_customer: "The customer had bought before, and the rules count new customers only",
  own_order: "The buyer is the ambassador",
  subscription_over: "The rules end before this payment of the subscription",
  ambassador_banned: "The ambassador was banned when the order was placed",
  not_counted: "The rules do not count signals of this kind",
  by_hand: "Decided by a person",
} as const;
export type CandidateRule = keyof typeof candidateRules;

/** What other rules would do to an order: from one ambassador to another, from nobody to somebody, or the other way. */
export const orderChanges = ["moved", "gained", "lost"] as const;
export type OrderChange = (typeof orderChanges)[number];

/** Which of several clicks counts. */
export const clickTouches = ["first", "last"] as const;

/** Which of several codes of this program counts, in the order in which the checkout names them. */
export const severalCodesRules = ["first", "last", "nobody"] as const;

/** Why a commission was taken back or restored. */
export const reversalCauses = [
  "refund",
  "refund_failed",
  "dispute",
  "dispute_won",
  "void",
  "restored",
  "merged",
  "correction",
] as const;
export type ReversalCause = (typeof reversalCauses)[number];

/** The checkouts that a program can sell through. */
export const providers = ["stripe", "shopify", "woocommerce"] as const;
export type Provider = (typeof providers)[number];

/** `connecting`: its webhook is being made. `disconnected`: nothing is asked of it any more; its orders stay. */
export const connectionStates = ["connecting", "active", "disconnected"] as const;
export type ConnectionState = (typeof connectionStates)[number];

export const eventStatuses = ["processed", "ignored", "waiting", "unprocessable", "failed"] as const;
export type EventStatus = (typeof eventStatuses)[number];

/** `comparison`: the checkout never delivered it; it stood in the checkout's own list when the two were compared. */
export const eventSources = ["webhook", "comparison"] as const;
export type EventSource = (typeof eventSources)[number];

/** `cancelled`: taken back before anybody had begun with it. `skipped`: a mail that its address would not have taken. */
export const effectStates = ["waiting", "done", "dead", "cancelled", "skipped"] as const;

export const jobKinds = [
  "applications.approve",
  "applications.decline",
  "applications.undo",
  "connection.codes",
  "connection.compare",
  "customers.import",
  "events.replay",
  "flags.resolve",
  "simulation",
] as const;
export type JobKindName = (typeof jobKinds)[number];

/** `failed`: it gave up. What it has done by then stays, and its rows tell what that is. */
export const jobStates = ["waiting", "running", "done", "failed"] as const;
export type JobState = (typeof jobStates)[number];

export const rowOutcomes = ["done", "refused"] as const;

/**
 * `bounced`: the address refuses mail for good. `complained`: its holder called one of our mails spam. `returned`: mails
 * came back for reasons that may pass, such as a full mailbox.
 */
export const mailTroubleKinds = ["bounced", "complained", "returned"] as const;
export type MailTroubleKind = (typeof mailTroubleKinds)[number];

/** `proposed`: waits for a second person. */
export const correctionStates = ["proposed", "applied", "rejected"] as const;
export type CorrectionState = (typeof correctionStates)[number];

export const correctionKinds = ["attribute", "move", "remove"] as const;
export type CorrectionKind = (typeof correctionKinds)[number];

export const claimStates = ["open", "approved", "declined", "withdrawn"] as const;
export type ClaimState = (typeof claimStates)[number];

/** What an ambassador who asks about an order is told at once. */
export const claimAnswers = ["yours", "not_yours", "unknown"] as const;
export type ClaimAnswerKind = (typeof claimAnswers)[number];

/** What a fraud signal is raised by: a rule of the table in `core/flag`, or a person. */
export const flagRules = [
  "own_email",
  "own_card",
  "own_address",
  "same_domain",
  "disposable_email",
  "velocity",
  "burst_without_clicks",
  "coupon_site",
  "paid_ads",
  "refund_rate",
  "by_hand",
] as const;
export type FlagRule = (typeof flagRules)[number];

/** Only an open one holds money. `expired`: nobody looked in time. */
export const flagStates = ["open", "cleared", "confirmed", "expired"] as const;
export type FlagState = (typeof flagStates)[number];

export const flagSeverities = ["low", "medium", "high"] as const;
export type FlagSeverity = (typeof flagSeverities)[number];

/** What a buyer, or a shop that left, has a right to. `export` tells what is kept; the others erase it. */
export const privacyKinds = ["export", "erase_customer", "erase_shop"] as const;
