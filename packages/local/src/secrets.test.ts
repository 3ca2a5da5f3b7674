import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testSecretsPort } from "../../core/src/gateway/secrets/port.suite.ts";
import { openSecrets } from "./secrets.ts";

testSecretsPort("a folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "laurel-secrets-"));
  const open = () => openSecrets(folder, {});
  return { gateway: open(), reopened: open, close: async () => rmSync(folder, { recursive: true }) };
});
