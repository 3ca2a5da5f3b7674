import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

/**
 * SST's command line draws with ink on React 18, and the portal runs on React 19. Both are in one tree of packages; when npm
 * gives one the other's React, `sst deploy` dies at its first line while everything here stays green.
 */
const fromSst = createRequire(createRequire(import.meta.url).resolve("sst/package.json"));

test("SST's command line draws with the React that it was written for", async () => {
  const react = await import(pathToFileURL(fromSst.resolve("react")).href);
  const ink = await import(pathToFileURL(fromSst.resolve("ink")).href);
  const out = new PassThrough();
  let drawn = "";
  out.on("data", (chunk) => {
    drawn += String(chunk);
  });
  const { unmount } = ink.render(react.createElement(ink.Text, null, "laurel"), { stdout: out, patchConsole: false });
  unmount();
  expect(drawn).toContain("laurel");
});

test("the portal is given React 19", () => {
  const fromWeb = createRequire(new URL("../web/package.json", import.meta.url));
  expect(fromWeb("react/package.json").version).toMatch(/^19\./);
  expect(fromWeb("react-dom/package.json").version).toMatch(/^19\./);
});
