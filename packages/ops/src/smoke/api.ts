import type { Check } from "./check.ts";
import { mustProtect } from "./headers.ts";
import { jsonOf, must, namedIn, problemOf } from "./site.ts";

export const apiChecks: readonly Check[] = [
  {
    name: "api: healthy, which reads the table",
    run: async (site) => {
      const { status, text } = await site.ask("/api/health");
      const { status: told, program, code } = jsonOf(text);
      must(code !== "program.missing", "there is no program yet: npm run owner-link makes the first");
      must(status === 200 && told === "ok", `answered ${status}`);
      return String(program);
    },
  },
  {
    name: "api: what is not there is a problem in JSON, with security headers and never cached",
    run: async (site) => {
      const answer = await site.ask("/api/nothing-of-this-name");
      must(problemOf(answer, 404) === "not_found", "the code is not not_found");
      mustProtect(answer, { page: false, secure: site.secure });
      must(
        answer.headers.get("cache-control")?.includes("no-store"),
        `cache-control is ${answer.headers.get("cache-control")}`,
      );
      return undefined;
    },
  },
  {
    name: "api: refuses whoever is not signed in",
    run: async (site) => {
      for (const path of ["/api/program", "/api/orders", "/api/me"])
        must(problemOf(await site.ask(path), 401) === "auth.required", `${path}: the code is not auth.required`);
      return undefined;
    },
  },
  {
    name: "api: refuses what another site makes a browser send",
    run: async (site) => {
      const elsewhere = { origin: "https://elsewhere.example", "content-type": "application/json" };
      const answer = await site.ask("/api/auth/verify", { method: "POST", headers: elsewhere, body: "{}" });
      must(problemOf(answer, 403) === "request.origin", "the code is not request.origin");
      const { headers } = await site.ask("/api/health", { headers: elsewhere });
      must(!headers.has("access-control-allow-origin"), "other sites may read its answers");
      return undefined;
    },
  },
  {
    name: "api: its documentation loads, and everything in it is our own",
    run: async (site) => {
      const page = await site.ask("/api/docs");
      must(page.status === 200, `answered ${page.status}`);
      mustProtect(page, { page: false, secure: site.secure });
      const named = namedIn(page.text);
      must(
        named.some((path) => path.endsWith(".js")),
        "the page names no script",
      );
      for (const path of named) {
        must(new URL(path, site.origin).origin === site.origin, `it loads ${path}`);
        const { status } = await site.ask(path);
        must(status === 200, `${path} answered ${status}`);
      }
      const { status, text } = await site.ask("/api/openapi.json");
      must(status === 200 && String(jsonOf(text).openapi).startsWith("3."), "/api/openapi.json is no OpenAPI document");
      return undefined;
    },
  },
];
