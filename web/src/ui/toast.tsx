import { CheckCircle2, CircleAlert, X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { cx } from "./cx.ts";

/*
 * Our own, small: what a page announces to ears (polite live region) and, for results of actions, to eyes.
 * Libraries for this inject styles at run time, which the portal's content policy forbids.
 */
interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad";
  action?: ToastAction | undefined;
}

/** What can be done about a result while its message is there, such as taking it back. */
export interface ToastAction {
  label: string;
  run: () => void;
}

let toasts: readonly Toast[] = [];
let spoken = "";
let lastId = 0;
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};
const changed = () => {
  for (const listener of listeners) listener();
};

/** Says something to screen readers only. The same words twice in a row are said twice. */
export function announce(text: string): void {
  spoken = spoken === text ? `${text}\u00a0` : text;
  changed();
}

/** Shows and says the result of an action. */
export function toast(text: string, tone: Toast["tone"] = "good", action?: ToastAction): void {
  lastId += 1;
  toasts = [...toasts.slice(-2), { id: lastId, text, tone, action }];
  announce(text);
}

function dismiss(id: number): void {
  toasts = toasts.filter((each) => each.id !== id);
  changed();
}

const lifeMs = 7000;
/** Who reaches for a button needs longer, by keyboard all the more. */
const actionLifeMs = 20_000;

function ToastCard({ toast: { id, text, tone, action } }: { toast: Toast }) {
  const life = action ? actionLifeMs : lifeMs;
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), life);
    return () => clearTimeout(timer);
  }, [id, life]);
  const Icon = tone === "good" ? CheckCircle2 : CircleAlert;
  return (
    <li className="pointer-events-auto flex w-full max-w-sm items-start gap-3 rounded-lg border border-line bg-card px-4 py-3 shadow-float">
      <Icon aria-hidden className={cx("mt-0.5 size-5 shrink-0", tone === "good" ? "text-good" : "text-bad")} />
      <span className="min-w-0 flex-1 text-[0.9375rem]">{text}</span>
      {action && (
        <button
          type="button"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
          className="-my-1 rounded px-2 py-1 font-semibold text-[0.9375rem] text-leaf hover:underline"
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        aria-label="Close message"
        onClick={() => dismiss(id)}
        className="-m-1 rounded p-1 text-soft hover:text-ink"
      >
        <X aria-hidden className="size-5" />
      </button>
    </li>
  );
}

/** Once, at the root: the live region and the stack of messages. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  const said = useSyncExternalStore(subscribe, () => spoken);
  return (
    <>
      <div aria-live="polite" role="status" className="sr-live">
        {said}
      </div>
      {shown.length > 0 && (
        <section aria-label="Messages" data-messages>
          <ul className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-end gap-2 print:hidden">
            {shown.map((each) => (
              <ToastCard key={each.id} toast={each} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
