import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { chromiumMissing } from "./chromium.ts";
import { freePort, startProgram } from "./program.ts";

/** The demo brand's data, made once: each file of tests starts on a copy, on the same port, since addresses are in it. */
export interface Seeded {
  folder: string;
  port: number;
}

declare module "vitest" {
  interface ProvidedContext {
    seeded: Seeded;
  }
}

/** @returns how it is taken down again */
export async function seed(): Promise<Seeded & { remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "laurel-e2e-seed-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const program = await startProgram({ folder, port: await freePort() });
    await program.stop();
    return { folder, port: program.port, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const missing = chromiumMissing();
  if (missing) {
    console.error(missing);
    process.exit(1);
  }
  const { remove, ...seeded } = await seed();
  project.provide("seeded", seeded);
  return remove;
}
