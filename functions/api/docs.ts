import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import type { ApiEnv } from "./http.ts";

/** Swagger UI's own files that the page needs; nothing comes from elsewhere. */
const files: Record<string, string> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Laurel API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/page.css">
</head>
<body>
<div id="docs"></div>
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
<script src="/api/docs/start.js" defer></script>
</body>
</html>
`;

/** Puts right what keeps some people from reading Swagger UI's pages. */
const start = `// A link inside of a button is reached by nobody who uses a keyboard alone; the address follows what is opened all the same.
const plainPaths = () => ({
  wrapComponents: {
    DeepLink: (Link, { React }) => (props) => React.createElement(Link, { ...props, enabled: false }),
  },
});

const docs = document.getElementById("docs");
const tidy = () => {
  for (const heading of docs.querySelectorAll("h3, h4, h5"))
    heading.setAttribute("aria-level", String(Number(heading.tagName[1]) - 1));
  for (const [part, name] of [[".information-container", "About"], [".scheme-container", "Authorization"]]) {
    docs.querySelector(part)?.setAttribute("role", "region");
    docs.querySelector(part)?.setAttribute("aria-label", name);
  }
  for (const select of docs.querySelectorAll("select:not([aria-label])"))
    select.setAttribute("aria-label", select.closest("[data-param-name]")?.dataset.paramName ?? "Media type");
  // What scrolls can be scrolled by keys.
  for (const code of docs.querySelectorAll(".microlight")) code.tabIndex = 0;
};
new MutationObserver(tidy).observe(docs, { childList: true, subtree: true });

SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  displayRequestDuration: true,
  validatorUrl: null,
  withCredentials: true,
  syntaxHighlight: false,
  plugins: [plainPaths],
});
`;

/** Swagger UI's colours where they are too pale to read, darkened; and no choice where there is but one server. */
const style = `body { margin: 0; }
.swagger-ui .scheme-container .schemes .schemes-server-container { display: none; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1f66ad; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #1b7a4b; }
.swagger-ui .opblock.opblock-patch .opblock-summary-method { background: #0f6f68; }
.swagger-ui .opblock.opblock-put .opblock-summary-method { background: #95590a; }
.swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #b42318; }
.swagger-ui .info .title small { background: #566070; }
.swagger-ui .info .title small.version-stamp { background: #4a6a06; }
.swagger-ui .info a, .swagger-ui .info .url, .swagger-ui .link { color: #1f5fa8; }
.swagger-ui .btn.authorize { color: #1b6b45; border-color: #1b6b45; }
.swagger-ui .btn.authorize span { color: inherit; }
.swagger-ui .scheme-container .btn.authorize svg { fill: currentColor; }
.swagger-ui .parameter__in { color: #5a5a5a; }
`;

/** What is ours beside them. */
const own: Record<string, { type: string; body: string }> = {
  "start.js": { type: "text/javascript; charset=utf-8", body: start },
  "page.css": { type: "text/css; charset=utf-8", body: style },
};

/** No inline script. Swagger UI draws its icons from data addresses and sets some inline styles. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The documentation's page, from our own files. */
export function docs(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get("/", (c) => {
    c.header("Content-Security-Policy", policy);
    return c.html(page);
  });
  app.get("/:file", async (c, next) => {
    const name = c.req.param("file");
    const ours = Object.hasOwn(own, name) ? own[name] : undefined;
    if (ours) return c.body(ours.body, 200, { "Content-Type": ours.type });
    const type = Object.hasOwn(files, name) ? files[name] : undefined;
    if (!type) return next();
    return c.body(await readFile(join(folderOfFiles(), name)), 200, {
      "Content-Type": type,
      "Cache-Control": "public, max-age=86400",
    });
  });
  return app;
}

/** Deployed, the files lie beside the code; elsewhere they are where npm has put them. */
function folderOfFiles(): string {
  const beside = join(import.meta.dirname, "docs");
  return existsSync(beside) ? beside : dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
}
