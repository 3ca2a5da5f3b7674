import type { Config } from "./config.ts";
import { namesOf } from "./names.ts";

/**
 * Secrets lie in Systems Manager's Parameter Store under `/laurel/<stage>/`, where standard parameters are free:
 *
 * | parameter | holds | made by | reaches |
 * |---|---|---|---|
 * | `keys` | SecureString: the keys of hashes and links | setup, once | functions, read when they need it |
 * | `origin-secret`, `origin-secret-next` | String: what proves that a request came through CloudFront | setup, rotate | CloudFront and functions, by CloudFormation |
 * | `connections/<id>` | SecureString: a checkout's key and webhook secrets | the API | functions, read when they need it |
 * | `public-origin` | String: where the portal is reached | the portal's stack | functions, read when they need it |
 * | `slack-webhook` | SecureString: where alarms are posted | setup | the alarm function |
 *
 * The origin secrets are plain parameters because CloudFormation puts no secure ones into a distribution. They keep strangers
 * from going around CloudFront; who has them still meets every other check.
 */
export const parameter = (
  stage: string,
  name: "keys" | "origin-secret" | "origin-secret-next" | "public-origin" | "slack-webhook",
) => `${namesOf(stage).parameters}/${name}`;

/** A reference that CloudFormation replaces by the parameter's latest value when it creates or updates the resource. */
const resolved = (stage: string, name: "origin-secret" | "origin-secret-next"): string =>
  `{{resolve:ssm:${parameter(stage, name)}}}`;

/** What CloudFront sends with every request to a function, in {@link originHeader}. */
export const originSecret = (stage: string): string => resolved(stage, "origin-secret");

/** What a function takes for it: two at once, so that one can be changed while the other is in use. */
export const originSecrets = (stage: string): string =>
  [resolved(stage, "origin-secret"), resolved(stage, "origin-secret-next")].join(",");

/** The environment of every function that speaks with others: where secrets are, and where mail comes from. */
export function secretsEnvironment({ stage, mailFrom, domain }: Config): Record<string, string> {
  const { parameters, configurationSet } = namesOf(stage);
  return {
    PARAMETERS: parameters,
    MAIL_FROM: mailFrom,
    MAIL_CONFIGURATION_SET: configurationSet,
    // Without a domain of its own the origin is CloudFront's, which no function can know before CloudFront does.
    ...(domain && { PUBLIC_ORIGIN: `https://${domain.name}` }),
  };
}
