import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Gives memory back after much work that does not come again; the heap would keep its size for long otherwise. */
export function tidyMemory(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as (options: { type: "major"; flavor: "last-resort" }) => void;
  gc({ type: "major", flavor: "last-resort" });
  setFlagsFromString("--no-expose-gc");
}
