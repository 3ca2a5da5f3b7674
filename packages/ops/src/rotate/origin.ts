import { Problem } from "../cli/problem.ts";
import { newSecret, originSecretAbout, originSecretNextAbout } from "../setup/secrets.ts";
import type { DeployedFunction, Functions } from "../stage/functions.ts";
import type { Parameters } from "../stage/parameters.ts";
import type { parameterNames } from "../stage/stage.ts";
import type { Distribution } from "./distribution.ts";

/** What a rotation works on. */
export interface Front {
  names: ReturnType<typeof parameterNames>;
  parameters: Parameters;
  functions: Functions;
  distribution: Distribution;
  /** @throws Problem while a deployment is under way */
  refuseWhileDeploying(): Promise<void>;
  say(line: string): void;
  pause(ms: number): Promise<void>;
}

const secretsVariable = "ORIGIN_SECRETS";
/** CloudFront takes some minutes to reach all of its edges. */
const patience = { distribution: { everyMs: 15_000, tries: 160 }, functions: { everyMs: 2_000, tries: 150 } };

/**
 * Replaces the secret by which the functions know CloudFront, with no request refused: at every moment each function
 * accepts whatever any edge may send, and so it would after a deployment at that moment, which reads the two parameters
 * again.
 *
 * | step | CloudFront sends | functions accept | parameters |
 * |---|---|---|---|
 * | before | S | S, N | S, N |
 * | 1. a fresh next one | S | S, N | S, F |
 * | 2. functions learn it | S | S, F | S, F |
 * | 3. CloudFront sends it, at all edges | F | S, F | S, F |
 * | 4. it takes the old one's place | F | S, F | F, F |
 * | 5. a fresh next one | F | S, F | F, G |
 * | 6. functions forget the old one | F | F, G | F, G |
 *
 * Where it stands is read from what is there, so a run that was cut short anywhere is gone on with by another.
 */
export async function rotateOrigin(front: Front): Promise<"rotated" | "finished"> {
  const { names, parameters, functions, distribution, say } = front;
  await front.refuseWhileDeploying();
  const deployed = (await functions.all()).filter((fn) => fn.env[secretsVariable] !== undefined);
  if (deployed.length === 0) throw new Problem("No function of this stage knows a secret. Deploy first.");
  const [origin, next] = await Promise.all([
    parameters.find(names.originSecret),
    parameters.find(names.originSecretNext),
  ]);
  if (!origin || !next)
    throw new Problem(`${names.originSecret} or ${names.originSecretNext} is missing. Run npm run setup first.`);

  // What functions accept must not change while some edges may still send something else.
  const sent = await everyEdge(front);
  if (sent === origin.value) {
    if (next.value === sent || deployed.some((fn) => acceptedBy(fn)[0] !== sent)) {
      say("An earlier rotation has reached CloudFront; what is left of it is done now.");
      await retire(front, sent);
      return "finished";
    }
    const fresh = newSecret();
    say("1/6  A fresh secret is put beside the one in use.");
    await parameters.replace(names.originSecretNext, fresh, { secret: false, description: originSecretNextAbout });
    say("2/6  The functions accept both.");
    await teach(front, [sent, fresh]);
    await sendEverywhere(front, fresh);
    await promote(front, fresh);
    await retire(front, fresh);
    return "rotated";
  }
  if (sent !== next.value) {
    // The parameters were changed by hand. What CloudFront sends is made the next one, and things go their way.
    say("CloudFront sends a secret that neither parameter holds; it is put beside the one that should be in use.");
    await parameters.replace(names.originSecretNext, sent, { secret: false, description: originSecretNextAbout });
    await teach(front, [origin.value, sent]);
  } else say("An earlier rotation was cut short after CloudFront was told; it goes on from there.");
  await promote(front, sent);
  await retire(front, sent);
  return "finished";

  async function sendEverywhere(it: Front, fresh: string): Promise<void> {
    it.say("3/6  CloudFront sends the fresh one. This takes some minutes.");
    await distribution.send(fresh);
    const now = await everyEdge(it);
    if (now !== fresh)
      throw new Problem(
        "A deployment has set CloudFront back meanwhile. Nothing is lost: run this again once it is over.",
      );
  }
}

/** From here on a deployment resolves to the fresh secret too. One that began before may not have: it is looked for. */
async function promote({ names, parameters, say, ...front }: Front, fresh: string): Promise<void> {
  say("4/6  It takes the old one's place.");
  await parameters.replace(names.originSecret, fresh, { secret: false, description: originSecretAbout });
  await front.refuseWhileDeploying();
  const { secret, deployed } = await front.distribution.state();
  if (secret !== fresh || !deployed)
    throw new Problem(
      "A deployment has changed CloudFront meanwhile. Nothing is lost: run this again once it is over.",
    );
}

async function retire(front: Front, sent: string): Promise<void> {
  const { names, parameters, say } = front;
  const next = await parameters.find(names.originSecretNext);
  let beside = next?.value ?? sent;
  if (beside === sent) {
    say("5/6  The next one is made ready.");
    beside = newSecret();
    await parameters.replace(names.originSecretNext, beside, { secret: false, description: originSecretNextAbout });
  }
  say("6/6  The functions forget the old one.");
  await teach(front, [sent, beside]);
}

const acceptedBy = (fn: DeployedFunction): string[] => (fn.env[secretsVariable] ?? "").split(",");

/** Makes every function accept these two and no other, and waits until they do wherever they run. */
async function teach({ functions, pause }: Front, secrets: [string, string]): Promise<void> {
  const wanted = secrets.join(",");
  for (let attempt = 0; attempt < patience.functions.tries; attempt++) {
    const concerned = (await functions.all()).filter((fn) => fn.env[secretsVariable] !== undefined);
    // A function whose last change is still on its way takes no further one.
    for (const fn of concerned)
      if (fn.settled && fn.env[secretsVariable] !== wanted)
        await functions.replaceEnv(fn, { ...fn.env, [secretsVariable]: wanted });
    if (concerned.every((fn) => fn.settled && fn.env[secretsVariable] === wanted)) return;
    await pause(patience.functions.everyMs);
  }
  throw new Problem("A function takes too long to be changed. Run this again; it goes on where it was.");
}

/** What all edges send, once they all send the same. */
async function everyEdge({ distribution, pause, say }: Front): Promise<string> {
  for (let attempt = 0; attempt < patience.distribution.tries; attempt++) {
    const { secret, deployed } = await distribution.state();
    if (deployed) return secret;
    if (attempt % 8 === 7) say("     … CloudFront is still telling its edges");
    await pause(patience.distribution.everyMs);
  }
  throw new Problem("CloudFront takes too long to be deployed. Run this again later; it goes on where it was.");
}
