import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StartProblem } from "./problem.ts";

const root = join(import.meta.dirname, "../../..");
const web = join(root, "web");
/** Where the built portal is. */
export const portalDist = join(web, "dist");

/** Whether the portal was built after the last change of anything that it is made of. */
export function isPortalFresh(): boolean {
  const built = join(portalDist, "index.html");
  if (!existsSync(built)) return false;
  const sources = [
    ...filesUnder(join(web, "src")),
    ...filesUnder(join(web, "public")),
    ...filesUnder(join(root, "packages/contract/src")),
    ...readdirSync(web).flatMap((name) => (/\.(ts|html|json)$/.test(name) ? [join(web, name)] : [])),
  ];
  return Math.max(...sources.map((file) => statSync(file).mtimeMs)) <= statSync(built).mtimeMs;
}

const filesUnder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
      )
    : [];

/**
 * Builds the portal in a process of its own, whose memory goes with it, and puts it in place as a whole.
 * @throws StartProblem with the beginning of what the build said
 */
export async function buildPortal(signal?: AbortSignal): Promise<void> {
  const vite = join(dirname(createRequire(join(web, "package.json")).resolve("vite/package.json")), "bin/vite.js");
  const outDir = join(root, "node_modules/.cache/laurel", `portal-${process.pid}`);
  mkdirSync(outDir, { recursive: true });
  const startedAt = new Date();
  const { code, said } = await run(
    process.execPath,
    [vite, "build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"],
    web,
    signal,
  );
  if (code !== 0) {
    rmSync(outDir, { recursive: true, force: true });
    throw new StartProblem(`The portal could not be built:\n${said.trim().split("\n").slice(0, 12).join("\n")}`);
  }
  // What was changed while it was being built is newer than what was built.
  utimesSync(join(outDir, "index.html"), startedAt, startedAt);
  putInPlace(outDir);
}

/** Nothing is missing for longer than between two renames; another start that builds at the same moment is let pass. */
function putInPlace(built: string): void {
  for (let tries = 0; ; tries++) {
    const old = `${built}-old-${tries}`;
    try {
      if (existsSync(portalDist)) renameSync(portalDist, old);
      renameSync(built, portalDist);
      return;
    } catch (error) {
      if (tries === 5) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

function run(
  command: string,
  args: string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      signal,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "", NO_COLOR: "1" },
    });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, said }));
  });
}
