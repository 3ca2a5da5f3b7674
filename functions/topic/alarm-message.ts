/** What Slack's incoming webhooks take: `text` is what a notification on a phone shows. */
export interface SlackMessage {
  text: string;
  blocks: { type: "section"; text: { type: "mrkdwn"; text: string } }[];
}

/** What CloudWatch tells a topic of an alarm, as far as it is passed on. */
interface AlarmChange {
  AlarmName: string;
  AlarmDescription?: unknown;
  NewStateValue: string;
  StateChangeTime?: unknown;
  AlarmArn?: unknown;
}

const signs: Record<string, string> = { ALARM: "🔴", OK: "🟢" };

/**
 * A short message of what came to the alarm topic: the alarm, its own words on what to do, and where to look. Of anything
 * that is not an alarm only its subject is passed on, because nobody knows what its body holds.
 * @param subject and message as Amazon SNS delivers them
 */
export function slackMessage({ subject, message }: { subject?: string | undefined; message: string }): SlackMessage {
  const alarm = alarmOf(message);
  if (!alarm) return sectionsOf(`🔔 ${escaped(withoutAddresses(subject || "A notice from AWS").slice(0, 150))}`, []);
  const sign = signs[alarm.NewStateValue] ?? "⚪";
  const fine = alarm.NewStateValue === "OK" ? " is fine again" : "";
  const { words, link } = splitDescription(textOf(alarm.AlarmDescription));
  const links = [
    link && `<${link}|What to do>`,
    consoleOf(alarm) && `<${consoleOf(alarm)}|The alarm>`,
    timeOf(alarm.StateChangeTime),
  ].filter((part) => part);
  const rest = [fine ? "" : escaped(words), links.join(" · ")].filter((part) => part);
  return sectionsOf(`${sign} ${escaped(alarm.AlarmName)}${fine}`, rest);
}

const sectionsOf = (title: string, rest: readonly string[]): SlackMessage => ({
  text: title,
  blocks: [`*${title}*`, ...rest].map((text) => ({ type: "section", text: { type: "mrkdwn", text } })),
});

function alarmOf(message: string): AlarmChange | undefined {
  try {
    const parsed = JSON.parse(message) as Partial<AlarmChange> | null;
    return typeof parsed?.AlarmName === "string" && typeof parsed.NewStateValue === "string"
      ? (parsed as AlarmChange)
      : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, 1500) : "");

/** A description ends with the address of its section in the runbook. */
function splitDescription(description: string): { words: string; link?: string | undefined } {
  const [, words = description, link] = /^(.*?)\s*(https:\/\/[^\s|<>]+)$/s.exec(description) ?? [];
  return { words, link };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ : an alarm's page is known by region and name. */
function consoleOf({ AlarmArn, AlarmName }: AlarmChange): string | undefined {
  const region = /^arn:aws[a-z-]*:cloudwatch:([a-z0-9-]+):/.exec(textOf(AlarmArn))?.[1];
  return (
    region &&
    `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(AlarmName)}`
  );
}

function timeOf(value: unknown): string | undefined {
  const at = Date.parse(textOf(value));
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** https://api.slack.com/reference/surfaces/formatting#escaping */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", " ");

const withoutAddresses = (text: string): string => text.replace(/\S+@\S+/g, "an address");
