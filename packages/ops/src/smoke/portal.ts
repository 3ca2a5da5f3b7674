import { type Check, LeftOut } from "./check.ts";
import { mustProtect } from "./headers.ts";
import { must, namedIn, type Site } from "./site.ts";

const assetsOf = async (site: Site): Promise<string[]> => {
  const assets = namedIn((await site.page()).text).filter((path) => path.startsWith("/assets/"));
  must(
    assets.some((path) => path.endsWith(".js")),
    "the page names no script under /assets/",
  );
  return assets;
};

export const portalChecks: readonly Check[] = [
  {
    name: "portal: the page loads, nothing of it inline, and is asked for anew each time",
    run: async (site) => {
      const { status, headers, text } = await site.page();
      must(status === 200, `answered ${status}`);
      must(headers.get("content-type")?.startsWith("text/html"), `is ${headers.get("content-type")}`);
      must(
        /no-cache|no-store/.test(headers.get("cache-control") ?? ""),
        `cache-control is ${headers.get("cache-control")}`,
      );
      must(!/<script(?![^>]*\ssrc=)/.test(text), "a script stands in the page itself");
      must(!/<style|\sstyle="|\son\w+="/.test(text), "a style or a handler stands in the page itself");
      for (const path of namedIn(text)) must(new URL(path, site.origin).origin === site.origin, `it loads ${path}`);
      return undefined;
    },
  },
  {
    name: "portal: security headers of the page",
    run: async (site) => {
      mustProtect(await site.page(), { page: true, secure: site.secure });
      return site.secure ? undefined : "without HSTS, which is for https alone";
    },
  },
  {
    name: "portal: assets are good for ever, and no source maps lie beside them",
    run: async (site) => {
      const assets = await assetsOf(site);
      for (const path of assets) {
        const { status, headers, text } = await site.ask(path);
        must(status === 200, `${path} answered ${status}`);
        const caching = headers.get("cache-control") ?? "";
        must(
          caching.includes("immutable") && caching.includes("max-age=31536000"),
          `${path}: cache-control is ${caching}`,
        );
        must(headers.get("x-content-type-options") === "nosniff", `${path}: x-content-type-options is missing`);
        must(!text.includes("sourceMappingURL="), `${path} names a source map`);
        must((await site.ask(`${path}.map`)).status === 404, `${path}.map is there`);
      }
      return `${assets.length} assets`;
    },
  },
  {
    name: "portal: travels compressed, by brotli and by gzip",
    run: async (site) => {
      if (!site.secure) throw new LeftOut("CloudFront does it; one machine does not");
      const [script] = (await assetsOf(site)).filter((path) => path.endsWith(".js"));
      for (const encoding of ["br", "gzip"]) {
        const { headers } = await site.ask(script!, { headers: { "accept-encoding": encoding } });
        must(
          headers.get("content-encoding") === encoding,
          `${encoding} was asked for, ${headers.get("content-encoding")} came`,
        );
      }
      return undefined;
    },
  },
  {
    name: "portal: a link into it opens it",
    run: async (site) => {
      const deep = await site.ask("/orders/ord_smoke?tab=receipt", { headers: { accept: "text/html" } });
      must(deep.status === 200, `answered ${deep.status}`);
      must(deep.text === (await site.page()).text, "is another page than the portal's");
      mustProtect(deep, { page: true, secure: site.secure });
      return undefined;
    },
  },
  {
    name: "portal: a file that is not there is not the page",
    run: async (site) => {
      const { status } = await site.ask("/assets/nothing-00000000.js");
      must(status === 404, `answered ${status}`);
      return undefined;
    },
  },
  {
    name: "portal: without TLS it leads to TLS",
    run: async (site) => {
      if (!site.origin.startsWith("https:")) throw new LeftOut("there is no TLS here");
      const { status, headers } = await site.ask(`http://${new URL(site.origin).host}/`);
      const to = headers.get("location") ?? "";
      must([301, 308].includes(status) && to.startsWith(`${site.origin}/`), `answered ${status} ${to}`);
      return undefined;
    },
  },
];
