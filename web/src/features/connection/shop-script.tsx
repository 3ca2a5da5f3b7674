import type { Connection } from "@laurel/contract";
import { Download } from "lucide-react";
import { buttonClass } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { shopScripts } from "./snippets.ts";

/** How visits by links are counted in this shop: the file, and what to paste where. */
export function ShopScript({ connection }: { connection: Connection }) {
  const { steps, closing } = shopScripts[connection.provider];
  return (
    <details className="mt-4 border-line border-t pt-4 text-[0.9375rem]">
      <summary className="font-semibold text-leaf hover:underline">Count visits by links in this shop</summary>
      <div className="mt-3 space-y-4">
        <p>
          A sale by promo code needs none of this. For visitors who come by an ambassador's link and enter no code, the
          shop keeps the visit until they buy: by one small file of your own, which sends nothing to anybody.
        </p>
        <a href="/laurel.js" download className={buttonClass("outline")}>
          <Download aria-hidden className="size-4" />
          Download laurel.js
        </a>
        {steps.map(({ what, code }, at) => (
          <div key={what}>
            <p className="mb-2">{what}</p>
            <div className="relative">
              <pre
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reachable by keyboard
                tabIndex={0}
                className="max-h-72 overflow-auto rounded-lg bg-sunk px-4 py-3 text-[0.8125rem] leading-relaxed"
              >
                <code className="font-mono [overflow-wrap:normal]">{code}</code>
              </pre>
              <div className="mt-2">
                <CopyButton text={code} what={steps.length > 1 ? `Snippet ${at + 1}` : "Snippet"} />
              </div>
            </div>
          </div>
        ))}
        <p className="text-soft">{closing}</p>
        <p className="text-soft">
          To see that it works, open a link of an ambassador in a private window and buy something without a code: the
          order's receipt then names the click.
        </p>
      </div>
    </details>
  );
}
