import { pathToFileURL } from "node:url";
import { endOf, type Invocation, type Told } from "./protocol.ts";

// Lambda's part inside the process of one function: it loads the bundle's entry once and hands it events. Nothing of the
// program is imported here, so that a bundle has what it carries and Node, and no more.

const [, , entry, name] = process.argv as [string, string, string, string];
const tell = (told: Told): void => void process.send!(told);

try {
  const started = performance.now();
  const handler = (await import(pathToFileURL(entry).href))[name] as (event: unknown, context: unknown) => unknown;
  if (typeof handler !== "function") throw new Error(`${entry} exports no function ${name}`);
  process.on("message", async ({ id, event, context }: Invocation) => {
    const deadline = Date.now() + 15_000;
    let told: Told;
    try {
      const whole = { ...context, getRemainingTimeInMillis: () => deadline - Date.now() };
      told = { id, result: (await handler(event, whole)) ?? null };
    } catch (error) {
      // What Lambda writes to the log of a function that has thrown.
      console.error(`Invoke Error\t${(error as Error).stack}`);
      told = { id, error: (error as Error).message };
    }
    for (const stream of [process.stdout, process.stderr]) stream.write(`${endOf(id)}\n`);
    tell(told);
  });
  tell({ ready: true, initMs: performance.now() - started });
} catch (error) {
  tell({ broken: (error as Error).stack ?? String(error) });
}
