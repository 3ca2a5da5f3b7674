import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { AmbassadorEntity } from "@laurel/core/ambassador";
import { CodeEntity, PromoEntity } from "@laurel/core/code";
import { emailKey, idMaker, type Keys, type Log } from "@laurel/core/kernel";
import { ProfileEntity } from "@laurel/core/person";
import { setUp } from "@laurel/core/program";
import { openTable, type Table } from "@laurel/core/table";
import { createRuntime } from "@laurel/functions/runtime.ts";
import { ensureTable } from "../src/engine/table.ts";
import { minimalProgram } from "../src/seed/minimal.ts";
import { secretsInMemory } from "../testing/secrets.ts";

/** What a process needs to serve or to look at one staged program; plain data. */
export interface Staging {
  endpoint: string;
  tableName: string;
  streamArn: string;
  publicOrigin: string;
  connectionId: string;
  /** A shop at Shopify beside it, by the same secret. */
  shopifyConnectionId: string;
  webhookSecret: string;
  keys: Keys;
}

export interface Staged extends Staging {
  table: Table;
  ambassadors: { id: string; code: string; promotionCodeId: string }[];
  rateBp: number;
}

const silence: Log = { info: () => {}, warn: () => {}, error: () => {} };
export const shopDomain = "example.myshopify.com";
export const mailFrom = "hello@example.com";

/** The runtime of one staged program, for whichever process. */
export const runtimeOf = (staging: Staging, more: { sesEndpoint?: string; log?: Log } = {}) =>
  createRuntime(
    {
      TABLE_NAME: staging.tableName,
      PUBLIC_ORIGIN: staging.publicOrigin,
      MAIL_FROM: mailFrom,
      DYNAMODB_ENDPOINT: staging.endpoint,
      SES_ENDPOINT: more.sesEndpoint,
    },
    {
      secrets: secretsInMemory({ apiKey: "sk_test_bench", webhookSecrets: [staging.webhookSecret] }),
      keys: staging.keys,
      log: more.log ?? silence,
    },
  );

/** A program with so many ambassadors, each with a code that is known at the checkout. Their items are written in bulk. */
export async function stage({
  endpoint,
  tableName,
  ambassadors: count,
}: {
  endpoint: string;
  tableName: string;
  ambassadors: number;
}): Promise<Staged> {
  const table = openTable({ tableName, endpoint });
  const streamArn = await ensureTable(table);
  const now = new Date();
  const newId = idMaker(() => now);
  const publicOrigin = "http://127.0.0.1:4747";
  const program = minimalProgram({ newId, now, origin: publicOrigin });
  const shopify = {
    id: newId("connection"),
    provider: "shopify" as const,
    name: "The shop",
    livemode: true,
    namespace: `shopify_${shopDomain}`,
    shopUrl: `https://${shopDomain}`,
  };
  const staging: Staging = {
    endpoint,
    tableName,
    streamArn,
    publicOrigin,
    connectionId: program.connectionId,
    shopifyConnectionId: shopify.id,
    webhookSecret: "whsec_0123456789abcdef0123456789abcdef",
    keys: { version: "k1", email: "an e-mail key for measuring", link: "a link key for measuring" },
  };
  await setUp(runtimeOf(staging).context({ kind: "system", name: "bench" }, { silent: true }), {
    ...program,
    connections: [...program.connections, shopify],
  });

  const at = { table: tableName };
  const { campaignId, connectionId, starterTierId: tierId } = program;
  const ambassadors: Staged["ambassadors"] = [];
  const items: Record<string, unknown>[] = [];
  const put = (entity: { put(item: never): { params(options: object): Record<string, unknown> } }, item: object) =>
    items.push(entity.put(item as never).params(at).Item as Record<string, unknown>);
  for (let n = 0; n < count; n++) {
    const id = newId("ambassador");
    const personId = newId("person");
    const code = `ANNA${String(n).padStart(4, "0")}`;
    const promotionCodeId = `promo_1Qbench${String(n).padStart(17, "0")}`;
    const email = `anna-${n}@example.com`;
    // Long enough ago that nothing is left of how they came in.
    const joinedAt = new Date(now.getTime() - 30 * 86_400_000).toISOString();
    ambassadors.push({ id, code, promotionCodeId });
    put(PromoEntity, {
      connectionId,
      promotionCodeId,
      ours: true,
      code,
      ambassadorId: id,
      campaignId,
      tierId,
      ambassadorStatus: "active",
      joinedAt,
    });
    put(CodeEntity, {
      code,
      ambassadorId: id,
      campaignId,
      tierId,
      ambassadorStatus: "active",
      joinedAt,
      state: "active",
      primary: true,
      promotionCodes: { [connectionId]: promotionCodeId },
      refusals: 0,
      createdAt: joinedAt,
      version: 1,
    });
    put(AmbassadorEntity, {
      id,
      personId,
      applicationId: newId("application"),
      status: "active",
      tierId,
      niche: "Running",
      primaryCode: code,
      joinedAt,
      version: 1,
    });
    put(ProfileEntity, {
      personId,
      name: `Anna ${n}`,
      email,
      emailKey: emailKey(staging.keys, email),
      marketingConsent: false,
      createdAt: joinedAt,
      version: 1,
    });
  }
  for (let from = 0; from < items.length; from += 25) {
    const requests = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems } = await table.client.send(
      new BatchWriteCommand({ RequestItems: { [tableName]: requests } }),
    );
    if (UnprocessedItems?.[tableName]) throw new Error("The engine left items of the staging unwritten");
  }
  return { ...staging, table, ambassadors, rateBp: program.tiers[0]!.rateBp };
}
