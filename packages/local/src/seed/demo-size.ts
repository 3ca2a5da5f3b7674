/** How much of everything a demo holds. */
export interface DemoSize {
  /** Active ambassadors. */
  ambassadors: number;
  /** Confirmed applications that nobody has decided about. */
  waiting: number;
  /** Purchases, whatever became of them. */
  orders: number;
  /** How many of them went back, in whole or in part. */
  refunds: number;
  /** How often everything occurs that seldom happens: undone decisions, refused codes, refunds that came first, … */
  rare: number;
  /** So many of what people decide by hand still wait for the team: flags, claims and corrections of each kind. */
  open: number;
}

export const demoSizes = {
  small: { ambassadors: 20, waiting: 15, orders: 300, refunds: 36, rare: 0, open: 2 },
  year: { ambassadors: 40, waiting: 25, orders: 2500, refunds: 200, rare: 3, open: 3 },
} satisfies Record<string, DemoSize>;

export type DemoName = keyof typeof demoSizes;
export const isDemoName = (name: string): name is DemoName => Object.hasOwn(demoSizes, name);
