import { createHash } from "node:crypto";
import type { Binding } from "../order/index.ts";
import type { Example, Figures, Totals } from "./figures.ts";

/** Whose something would be. */
export interface Owner {
  ambassadorId: string;
  code: string | undefined;
}

/** Whose a customer is by the books, and whose they would be. */
export interface TwoBindings {
  stands: Binding;
  proposed: Binding;
}

/**
 * All that a simulation knows of the orders behind it. What would be as it is takes no place: of customers only those whose
 * binding would be another one are remembered, of subscriptions whose each would be.
 *
 * It is kept as entries by key, so that a slice stores what it changed and nothing else. Customers are under a hash that
 * only this job can make, and only while the customer's own key exists: who is erased is not to be found here.
 */
export class Memory {
  readonly #jobId: string;
  readonly #entries = new Map<string, unknown>();
  #changed = new Set<string>();

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  binding(customerKey: string): TwoBindings | undefined {
    const kept = this.#entries.get(this.#hidden("c", customerKey)) as [Packed, Packed] | undefined;
    return kept && { stands: unpacked(kept[0]), proposed: unpacked(kept[1]) };
  }

  /** Undefined where both are the same again. */
  bind(customerKey: string, bindings: TwoBindings | undefined): void {
    this.#set(this.#hidden("c", customerKey), bindings && [packed(bindings.stands), packed(bindings.proposed)]);
  }

  /** Null for nobody's; undefined where it was not met yet. */
  owner(subscription: string): Owner | null | undefined {
    const kept = this.#entries.get(this.#hidden("s", subscription)) as [string, string | null] | 0 | undefined;
    if (kept === undefined) return undefined;
    return kept === 0 ? null : { ambassadorId: kept[0], code: kept[1] ?? undefined };
  }

  own(subscription: string, owner: Owner | null): void {
    this.#set(this.#hidden("s", subscription), owner ? [owner.ambassadorId, owner.code ?? null] : 0);
  }

  /**
   * The payment that would count as a subscription's first, where that is another one than by the books; null while it is not
   * found yet.
   */
  first(subscription: string): string | null | undefined {
    const kept = this.#entries.get(this.#hidden("f", subscription)) as string | 0 | undefined;
    return kept === 0 ? null : kept;
  }

  begin(subscription: string, orderId: string | null): void {
    this.#set(this.#hidden("f", subscription), orderId ?? 0);
  }

  figures(ambassadorId: string, currency: string): Figures | undefined {
    return this.#entries.get(`p${ambassadorId} ${currency}`) as Figures | undefined;
  }

  count(ambassadorId: string, currency: string, figures: Figures): void {
    this.#set(`p${ambassadorId} ${currency}`, figures);
  }

  *allFigures(): Generator<{ ambassadorId: string; currency: string; figures: Figures }> {
    for (const [key, figures] of this.#entries) {
      if (!key.startsWith("p")) continue;
      const [ambassadorId, currency] = key.slice(1).split(" ") as [string, string];
      yield { ambassadorId, currency, figures: figures as Figures };
    }
  }

  get totals(): Totals | undefined {
    return this.#entries.get("t") as Totals | undefined;
  }
  set totals(totals: Totals) {
    this.#set("t", totals);
  }

  get examples(): readonly Example[] {
    return (this.#entries.get("x") as Example[] | undefined) ?? [];
  }
  set examples(examples: readonly Example[]) {
    this.#set("x", examples);
  }

  /** What has changed since it was asked for last, as texts of at most so many characters each. */
  changes(most: number): string[] {
    const texts: string[] = [];
    let part: string[] = [];
    let length = 0;
    for (const key of this.#changed) {
      const entry = JSON.stringify([key, this.#entries.get(key) ?? null]);
      if (length + entry.length > most && part.length > 0) {
        texts.push(`[${part.join(",")}]`);
        part = [];
        length = 0;
      }
      part.push(entry);
      length += entry.length + 1;
    }
    this.#changed = new Set();
    return [...texts, `[${part.join(",")}]`];
  }

  /** Takes in what was stored, in the order in which it was. */
  recall(text: string): void {
    for (const [key, value] of JSON.parse(text) as [string, unknown][])
      if (value === null) this.#entries.delete(key);
      else this.#entries.set(key, value);
  }

  #set(key: string, value: unknown): void {
    if (value === undefined) {
      if (!this.#entries.delete(key)) return;
    } else this.#entries.set(key, value);
    this.#changed.add(key);
  }

  #hidden(kind: "c" | "s" | "f", text: string): string {
    return kind + createHash("sha256").update(`${this.#jobId}\n${text}`).digest("base64url").slice(0, 16);
  }
}

type Packed = [ambassadorId: string, code: string | null, at: string | null, by: string | null] | 0;

const packed = ({ boundAmbassadorId, boundCode, boundAt, boundBy }: Binding): Packed =>
  boundAmbassadorId ? [boundAmbassadorId, boundCode ?? null, boundAt ?? null, boundBy ?? null] : 0;

function unpacked(kept: Packed): Binding {
  if (kept === 0) return {};
  const [boundAmbassadorId, code, at, by] = kept;
  return { boundAmbassadorId, boundCode: code ?? undefined, boundAt: at ?? undefined, boundBy: by ?? undefined };
}
