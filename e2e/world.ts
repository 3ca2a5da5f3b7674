import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "@laurel/contract";
import type { RunFile } from "@laurel/local/src/run-file.ts";
import type { BrowserContextOptions, Page } from "playwright-core";
import { openBrowser } from "./chromium.ts";
import { type MailInbox, openInbox } from "./inbox.ts";
import { type Program, startProgram } from "./program.ts";
import type { Seeded } from "./seed.ts";
import { openVisit, type Visit, type VisitOptions } from "./visit.ts";

/** The whole program on a copy of the demo's data, and a browser beside it. */
export interface World extends MailInbox {
  program: Program;
  run: RunFile;
  /** Opens a browser of somebody new. */
  visit(options?: VisitOptions): Promise<Visit>;
  /** A browser in which somebody of that role is signed in already. */
  signIn(role: Role, options?: VisitOptions): Promise<Page>;
  /** Moves the program's clock forward and runs what is due then. Sessions grow old with it. */
  moveClock(advanceMs: number): Promise<void>;
  /** What went wrong in any page since the last call. */
  faults(): string[];
  close(): Promise<void>;
}

export async function openWorld(seeded: Seeded): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "laurel-e2e-"));
  cpSync(seeded.folder, folder, { recursive: true });
  const program = await startProgram({ folder, port: seeded.port });
  const browser = await openBrowser();
  const { run } = program;
  const sessions = new Map<Role, BrowserContextOptions["storageState"]>();
  let found: string[] = [];
  const visit = (options: VisitOptions = {}) => openVisit(browser, options, (text) => found.push(text));

  return {
    ...openInbox(run.inboxUrl),
    program,
    run,
    visit,
    signIn: async (role, options = {}) => {
      if (!sessions.has(role)) {
        const { page, context } = await visit();
        await page.goto(run.signInLinks.find((link) => link.role === role)!.url);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.waitForURL((url) => url.pathname !== "/sign-in");
        sessions.set(role, await context.storageState());
        await context.close();
      }
      return (await visit({ ...options, storageState: sessions.get(role) })).page;
    },
    moveClock: async (advanceMs) => {
      const answer = await fetch(`${run.portalUrl}/local/clock`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ advanceMs }),
      });
      if (!answer.ok) throw new Error(`The clock did not move: ${await answer.text()}`);
      sessions.clear();
    },
    faults: () => {
      const told = found;
      found = [];
      return told;
    },
    close: async () => {
      await browser.close();
      try {
        await program.stop();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
