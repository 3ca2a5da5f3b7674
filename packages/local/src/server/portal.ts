import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { pageHeaders } from "./headers.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** Names with a hash change with their content, so they are good for ever. */
const hashed = /^\/assets\/.*-[\w-]{8}\.\w+$/;

/**
 * Serves the built portal: its files, and for every other address that a person goes to its one page, which finds the
 * way itself.
 * @param dist the folder that the build made
 */
export function createPortal(
  dist: string,
): (incoming: IncomingMessage, outgoing: ServerResponse, path: string) => Promise<void> {
  return async (incoming, outgoing, path) => {
    if (incoming.method !== "GET" && incoming.method !== "HEAD")
      return answer(outgoing, 405, "Only GET and HEAD", { allow: "GET, HEAD" });
    const wanted = fileOf(dist, path);
    if (wanted && (await send(incoming, outgoing, wanted, hashed.test(path)))) return;
    if (isNavigation(incoming, path) && (await send(incoming, outgoing, join(dist, "index.html"), false))) return;
    return answer(outgoing, 404, "There is nothing here.");
  };
}

/** The file that an address names inside the folder; undefined for one that leads out of it or to no file. */
function fileOf(dist: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes("\0") || decoded.endsWith("/")) return undefined;
  const file = normalize(join(dist, decoded));
  return file.startsWith(dist + sep) ? file : undefined;
}

/** A person's browser that goes somewhere, rather than a page that wants a file. */
function isNavigation(incoming: IncomingMessage, path: string): boolean {
  const accept = incoming.headers.accept ?? "*/*";
  if (accept.includes("text/html")) return true;
  return accept.includes("*/*") && !path.slice(path.lastIndexOf("/")).includes(".");
}

async function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  file: string,
  forEver: boolean,
): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return false;
  const etag = `"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`;
  const headers = {
    ...pageHeaders,
    "cache-control": forEver ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
  };
  if (incoming.headers["if-none-match"] === etag) {
    outgoing.writeHead(304, headers).end();
    return true;
  }
  outgoing.writeHead(200, {
    ...headers,
    "content-type": types[extname(file)] ?? "application/octet-stream",
    "content-length": found.size,
  });
  if (incoming.method === "HEAD") outgoing.end();
  // A reader who leaves half-way is no fault of ours.
  else await pipeline(createReadStream(file), outgoing).catch(() => {});
  return true;
}

function answer(outgoing: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  outgoing.writeHead(status, {
    ...pageHeaders,
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  outgoing.end(`${text}\n`);
}
