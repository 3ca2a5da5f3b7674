import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One folder for whatever a run of tests leaves in the system's temporary one, and away with it: CDK and browsers clean up after nobody. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "laurel-run-"));
  // Some tests start processes of another user.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  const clean = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  // Also where the run is cut short.
  process.once("exit", clean);
  return clean;
}
