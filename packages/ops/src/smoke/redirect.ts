import type { Check } from "./check.ts";
import { jsonOf, must } from "./site.ts";

export const redirectChecks: readonly Check[] = [
  {
    name: "links: an unknown code leads to the shop, and nowhere else",
    run: async (site) => {
      const { shopUrl } = jsonOf((await site.ask("/api/program/public")).text);
      must(typeof shopUrl === "string", "the program tells no shop");
      const shop = new URL(shopUrl as string);
      const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };
      for (const path of [
        "/r/SMOKE00000000000",
        "/r/SMOKE00000000000?url=https://elsewhere.example/&next=//elsewhere.example",
        "/r//elsewhere.example/",
        "/r/%2F%2Felsewhere.example",
      ]) {
        const { status, headers } = await site.ask(path, { headers: browser });
        must(status === 302, `${path} answered ${status}`);
        const to = new URL(headers.get("location") ?? "", site.origin);
        must(to.origin === shop.origin && to.pathname === shop.pathname, `${path} leads to ${to.origin}${to.pathname}`);
        must(!to.searchParams.has("laurel_click"), `${path} counts a click`);
        must(headers.get("cache-control")?.includes("no-store"), `cache-control is ${headers.get("cache-control")}`);
      }
      return shop.origin;
    },
  },
];
