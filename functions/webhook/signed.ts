import type { Context } from "@laurel/core/kernel";
import { noteSeen } from "@laurel/core/sighting";

/**
 * Whether any of a connection's webhook secrets has signed. Where none has, they are read anew (at most once a minute): one
 * may just have been rolled, and not every checkout sends again what was refused.
 * @param holds whether one of these secrets has signed; it is asked once more where there are new ones
 */
export async function isSignedFor(
  ctx: Context,
  connectionId: string,
  holds: (secrets: readonly string[]) => boolean | Promise<boolean>,
): Promise<boolean> {
  const { secrets } = ctx.gateways;
  const { webhookSecrets: known } = await secrets.ofConnection(connectionId);
  if (await holds(known)) return true;
  const fresh = (await secrets.refresh(connectionId)).webhookSecrets.filter((secret) => !known.includes(secret));
  if (fresh.length > 0 && (await holds(fresh))) return true;
  ctx.metrics.record("RefusedSignatures");
  ctx.log.warn("webhook.signature_refused", { connectionId });
  await noteSeen(ctx, connectionId, "lastBadSignatureAt", ctx.now().toISOString());
  return false;
}
