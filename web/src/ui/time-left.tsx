import { useEffect, useState } from "react";

/** m:ss of what is left, rounded up, so that it says 0:01 until the end. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Milliseconds until an instant of this machine's own clock (epoch ms), told anew each second; 0 once it is over. */
export function useTimeLeft(until: number): number {
  const [now, setNow] = useState(Date.now);
  const over = now >= until;
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over]);
  return Math.max(0, until - now);
}

/** The time left, for eyes; ears are not told each second. */
export const TimeLeft = ({ ms }: { ms: number }) => (
  <span aria-hidden className="font-normal tabular-nums opacity-80">
    {clockOf(ms)}
  </span>
);
