import { spawn } from "node:child_process";

/** `npm run dev`: the program restarts when its sources change, and the portal is built anew when its own do. */
const children = [
  spawn("vite", ["build", "web", "--watch", "--logLevel", "warn"], { stdio: "inherit" }),
  spawn("node", ["--watch-path=functions", "--watch-path=packages", "--watch-preserve-output", "start.js"], {
    stdio: "inherit",
  }),
];
const end = (signal: NodeJS.Signals) => {
  for (const child of children) child.kill(signal);
};
process.once("SIGINT", () => end("SIGINT"));
process.once("SIGTERM", () => end("SIGTERM"));
