import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What is kept of a folder. The rest is told anew at each start. */
export const databases = ["laurel.db", "stripe.sqlite", "shopify.sqlite", "woocommerce.sqlite"] as const;
export const smallFiles = ["secrets.json", "clock.json", "positions.json", "shops.json"] as const;

/**
 * Copies a folder's data into another one. It is synchronous on purpose: in the process that works on the data nothing
 * else happens meanwhile, so what the copies of the databases know of each other fits.
 */
export function copyData(folder: string, into: string): void {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  // Positions first: consumers may see a record twice, but must not miss one.
  for (const name of smallFiles.toReversed())
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(into, name));
  for (const name of databases) if (existsSync(join(folder, name))) copyDatabase(join(folder, name), join(into, name));
}

/** Names of folders that a copy may have: it never leaves the folder that the data is in, and never meets other files. */
const isCopy = /^backup-\d{1,10}$/;
export const copyName = (): string => `backup-${process.pid}`;

/** Copies a folder's data into a folder of its own inside it. @returns false for any other place */
export function copyBeside(folder: string, into: string): boolean {
  if (dirname(into) !== folder || !isCopy.test(basename(into)) || existsSync(into)) return false;
  copyData(folder, into);
  return true;
}

/** The state at one moment, whoever writes meanwhile. */
function copyDatabase(from: string, to: string): void {
  const db = new DatabaseSync(from, { readOnly: true });
  try {
    db.exec("PRAGMA busy_timeout = 5000");
    db.prepare("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
}
