/** Something that a person at the keyboard can put right. Its message is all that is shown of it. */
export class Problem extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "Problem";
  }
}

const without = new Set(["CredentialsProviderError", "TokenProviderError"]);
const over = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired"]);
const unknown = new Set([
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidAccessKeyId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
]);
const refused = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"]);
const busy = new Set(["Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"]);
const offline = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH"]);

/**
 * What AWS or the network refused, in words for whoever ran the command.
 * @returns undefined for an error that is a bug of ours
 */
export function inWords(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const { name = "", message = "", code, $metadata } = error as Error & { code?: string; $metadata?: object };
  const say = (text: string) => new Problem(text, error);
  if (without.has(name))
    return say(
      `There are no AWS credentials that work. Sign in first (e.g. aws sso login --profile my-brand), then say which profile: AWS_PROFILE=my-brand npm run … (${message.split("\n")[0]})`,
    );
  if (over.has(name)) return say("Your AWS sign-in is over. Sign in again (e.g. aws sso login) and run this again.");
  if (unknown.has(name))
    return say(
      `AWS does not know these credentials. Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and its companions (${name}).`,
    );
  if (refused.has(name))
    return say(
      `These credentials may not do that: ${message} What a deployer needs is in docs/permissions.json; check too that this is the right account (AWS_PROFILE).`,
    );
  if (busy.has(name)) return say("AWS asks to go slower. Wait a minute and run this again; it goes on where it was.");
  if (offline.has(code ?? "") || name === "TimeoutError")
    return say(
      `AWS cannot be reached (${code ?? name}). Check the network, and that the region's name is right (--region).`,
    );
  if ($metadata) return say(`AWS answered ${name}: ${message}`);
  return undefined;
}
