import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { startAwsEngine } from "./engine/aws.ts";
import { StartProblem } from "./problem.ts";

/**
 * `npm run engine:aws` starts AWS's DynamoDB Local and tells where it is. With a command behind it
 * (`npm run engine:aws -- npx vitest run`) it runs that against the engine and ends with it.
 */
const folder = resolve(process.env.LAUREL_DIR ?? ".laurel");
mkdirSync(folder, { recursive: true });
try {
  const engine = await startAwsEngine(folder);
  console.info(`DynamoDB Local answers at ${engine.endpoint} (what it holds goes with it; Ctrl-C ends it).`);
  const [command, ...words] = process.argv.slice(2);
  const child =
    command === undefined
      ? undefined
      : spawn(command, words, {
          stdio: "inherit",
          env: { ...process.env, DYNAMODB_ENDPOINT: engine.endpoint },
        });
  // Whoever is stopped takes along what it started.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      child?.kill(signal);
      if (!child) void engine.stop();
    });
  if (child) {
    process.exitCode = await new Promise<number>((done) => {
      child.once("error", (error) => {
        console.error(`${command}: ${error.message}`);
        done(1);
      });
      child.once("exit", (code) => done(code ?? 1));
    });
    await engine.stop();
  } else console.info(`Use it with: DYNAMODB_ENDPOINT=${engine.endpoint} npm start`);
} catch (error) {
  if (!(error instanceof StartProblem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
