import { AppError } from "@laurel/core/kernel";
import type { CheckoutCode, ShopGateway, StoredOrder } from "../../core/src/gateway/checkout/port.ts";

/** A shop in memory, behind the gateway's port: codes are taken whether or not they are switched on. */
export interface RecordingShop extends ShopGateway {
  /** Every call, oldest first. */
  calls: { name: keyof ShopGateway; connectionId: string; input: unknown }[];
  codes: Map<string, CheckoutCode>;
  /** What `listOrdersSince` gives, in pages. */
  pages: StoredOrder[][];
  /** The next call fails with this error, instead of being done. */
  failNext(error: Error): void;
}

export function recordingShop(provider: "shopify" | "woocommerce"): RecordingShop {
  const calls: RecordingShop["calls"] = [];
  const codes = new Map<string, CheckoutCode>();
  const pages: StoredOrder[][] = [];
  const failures: Error[] = [];
  async function call<T>(name: keyof ShopGateway, connectionId: string, input: unknown, work: () => T): Promise<T> {
    calls.push({ name, connectionId, input });
    const failure = failures.shift();
    if (failure) throw failure;
    return structuredClone(work());
  }
  const byText = (code: string) => [...codes.values()].find((each) => each.code === code.toUpperCase());
  const byId = (id: string): CheckoutCode => {
    const found = codes.get(id);
    if (!found) throw new AppError("rejected", `${provider}.missing`, "There is no such code.");
    return found;
  };
  return {
    calls,
    codes,
    pages,
    failNext: (error) => void failures.push(error),
    findCode: ({ id }, code) => call("findCode", id, code, () => byText(code)),
    getCode: (connection, id) => call("getCode", connection.id, id, () => codes.get(id)),
    createCode: ({ id: connectionId }, input) =>
      call("createCode", connectionId, input, () => {
        const there = byText(input.code);
        if (there && there.metadata.laurel_code !== input.metadata.laurel_code)
          throw new AppError("rejected", `${provider}.taken`, `The code ${input.code} is taken.`);
        const made: CheckoutCode = there ?? {
          id: provider === "shopify" ? `gid://shopify/DiscountCodeNode/${codes.size + 1}` : String(codes.size + 1),
          code: input.code.toUpperCase(),
          active: true,
          metadata: input.metadata,
        };
        codes.set(made.id, made);
        return made;
      }),
    setCodeActive: (connection, id, active) =>
      call("setCodeActive", connection.id, { id, active }, () => {
        const changed = { ...byId(id), active };
        codes.set(id, changed);
        return changed;
      }),
    check: async ({ shopUrl }) => ({
      name: "A shop",
      shopUrl,
      livemode: true,
      namespace: `${provider}_test`,
      currency: "EUR",
      missingRights: [],
    }),
    ensureWebhooks: async () => {},
    removeWebhooks: async () => {},
    getOrder: (connection, id) =>
      call("getOrder", connection.id, id, () => pages.flat().find((each) => each.id === id)),
    listOrdersSince: ({ id }, since, after) =>
      call("listOrdersSince", id, { since, after }, () => {
        const page = Number(after ?? 0);
        return { orders: pages[page] ?? [], ...(page + 1 < pages.length ? { next: String(page + 1) } : {}) };
      }),
  };
}
