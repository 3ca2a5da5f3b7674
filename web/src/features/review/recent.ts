import { useSyncExternalStore } from "react";

/** A decision of this visit that can still be undone. */
export interface Recent {
  id: string;
  name: string;
  /** What was decided, as it goes on after the name. */
  outcome: string;
  /** Names the decision, so that nobody else's is undone. */
  decidedAt: string;
  /** Epoch ms of this machine's clock. */
  until: number;
}

const most = 3;
let recents: readonly Recent[] = [];
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

function set(next: readonly Recent[]): void {
  recents = next;
  for (const listener of listeners) listener();
}

/** The newest stands first; an application has one latest decision. */
export const remember = (decided: Recent): void =>
  set([decided, ...recents.filter((each) => each.id !== decided.id)].slice(0, most));

export const forget = (id: string): void => set(recents.filter((each) => each.id !== id));

export const useRecents = (): readonly Recent[] => useSyncExternalStore(subscribe, () => recents);
