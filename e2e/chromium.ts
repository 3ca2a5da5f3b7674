import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** One line on what to do where there is no browser; undefined where there is one. */
export const chromiumMissing = (): string | undefined =>
  existsSync(executablePath)
    ? undefined
    : `There is no browser at ${executablePath}. Install one (apt-get install -y --no-install-recommends chromium), or set CHROMIUM to the path of yours.`;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
