import type { Check } from "./check.ts";
import { must, openSite } from "./site.ts";

/** Functions, asked around CloudFront. */
export const behindChecks = (urls: readonly string[]): readonly Check[] =>
  urls.map((url) => ({
    name: `functions: ${new URL(url).hostname.slice(0, 12)}… refuses who does not come through CloudFront`,
    run: async () => {
      const behind = openSite(new URL(url).origin);
      for (const path of ["/api/health", "/webhooks/stripe/con_1", "/r/SMOKE"]) {
        const { status } = await behind.ask(path, { headers: { "x-laurel-origin-secret": "a guess" } });
        must(status === 403, `${path} answered ${status}`);
      }
      return undefined;
    },
  }));
