import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One folder for whatever a run of tests leaves in the system's temporary one, and away with it: CDK and browsers clean up after nobody. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "laurel-run-"));
  // Some tests start processes of another user.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  // Each test file is a process of its own and would compile the same libraries anew.
  process.env.NODE_COMPILE_CACHE ??= join(folder, "compiled");
  const clean = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  // Also where the run is cut short.
  process.once("exit", clean);
  return clean;
}
