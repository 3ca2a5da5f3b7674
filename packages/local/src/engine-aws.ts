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
  console.info(`DynamoDB Local answers at ${engine.endpoint} (in memory; Ctrl-C ends it).`);
  const [command, ...words] = process.argv.slice(2);
  if (command) {
    const { spawn } = await import("node:child_process");
    const child = spawn(command, words, {
      stdio: "inherit",
      env: { ...process.env, DYNAMODB_ENDPOINT: engine.endpoint },
    });
    process.exitCode = await new Promise<number>((done) => child.once("exit", (code) => done(code ?? 1)));
    await engine.stop();
  } else {
    console.info(`Use it with: DYNAMODB_ENDPOINT=${engine.endpoint} npm start`);
    process.once("SIGINT", () => void engine.stop());
    process.once("SIGTERM", () => void engine.stop());
  }
} catch (error) {
  if (!(error instanceof StartProblem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
