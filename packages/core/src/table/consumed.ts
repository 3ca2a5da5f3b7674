/**
 * What each consumer of the table's stream acts on: inserts of these entities, by the name that ElectroDB stores as
 * `__edb_e__`. The event sources are filtered by it, on AWS and on one machine, and the handlers switch by it, so that
 * neither is woken for nothing nor misses what it is there for.
 */
export const consumed = {
  rollups: ["entry", "click"],
  effects: ["effect", "job", "incoming", "entry"],
} as const;

export type Consumed<C extends keyof typeof consumed> = (typeof consumed)[C][number];
