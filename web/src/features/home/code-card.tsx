import type { Code } from "@laurel/contract";
import { Download } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { codeWords } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { toast } from "../../ui/toast.tsx";
import { download, qrPath, qrPng, qrSvg } from "./qr.ts";

/**
 * The code to say, the link to send, the square to print.
 * @param action beside the code
 */
export function CodeCard({ code, action }: { code: Code; action?: ReactNode }) {
  return (
    <section
      aria-label={`Your code ${code.code}`}
      className="overflow-hidden rounded-2xl border border-line bg-card shadow-card"
    >
      <div className="grid md:grid-cols-[1fr_auto]">
        <div className="min-w-0 p-6 sm:p-8">
          <div className="flex flex-wrap items-center gap-2.5">
            <h2 className="eyebrow">Your code</h2>
            <StateBadge words={codeWords[code.state]} />
          </div>
          <div className="mt-2 flex flex-wrap items-center gap-x-5 gap-y-3">
            <p className="font-mono font-semibold text-4xl tracking-wide sm:text-5xl">{code.code}</p>
            <span className="flex flex-wrap gap-2">
              <CopyButton text={code.code} what="Code" look="solid" />
              {action}
            </span>
          </div>
          <p className="mt-3 text-soft">
            {code.offer} for everybody who uses it · {code.campaignName}
          </p>
          {code.state === "activating" && (
            <p className="mt-3 rounded-lg bg-wait-wash px-3.5 py-2.5 text-[0.9375rem]">
              Your code is on its way to the checkout. It works in a moment; this page notices by itself.
            </p>
          )}
          {code.state === "failed" && (
            <p className="mt-3 rounded-lg bg-bad-wash px-3.5 py-2.5 text-[0.9375rem]">
              Customers can't use your code at the checkout right now. The team sees this too; please don't share it
              until it works again.
            </p>
          )}
          {code.state === "disabled" && (
            <p className="mt-3 rounded-lg bg-sunk px-3.5 py-2.5 text-[0.9375rem]">
              This code is switched off: customers can't use it any more. Orders that come late still count.
            </p>
          )}

          <h3 className="eyebrow mt-7 mb-1.5">Your link</h3>
          <div className="flex flex-wrap items-center gap-3">
            <a href={code.link} className="link min-w-0 break-all font-mono text-[0.9375rem]">
              {code.link}
            </a>
            <CopyButton text={code.link} what="Link" />
          </div>
        </div>
        <Qr code={code} />
      </div>
    </section>
  );
}

function Qr({ code }: { code: Code }) {
  const { path, size } = useMemo(() => qrPath(code.link), [code.link]);

  const save = async (kind: "png" | "svg") => {
    try {
      if (kind === "png") download(`${code.code}.png`, await qrPng(code.link));
      else {
        const url = URL.createObjectURL(new Blob([qrSvg(code.link)], { type: "image/svg+xml" }));
        download(`${code.code}.svg`, url);
        setTimeout(() => URL.revokeObjectURL(url), 10_000);
      }
    } catch {
      toast("Your browser could not make the picture. Try another browser.", "bad");
    }
  };

  return (
    <div className="flex flex-col items-center justify-center gap-3 border-line border-t bg-sunk p-6 md:border-t-0 md:border-l md:px-8">
      <svg
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={`QR code of your link ${code.link}`}
        shapeRendering="crispEdges"
        className="size-44 rounded-lg bg-white"
      >
        <path d={path} fill="#000" />
      </svg>
      <div className="flex gap-2">
        <Button look="outline" className="px-3" aria-label="Download the QR code as PNG" onClick={() => save("png")}>
          <Download aria-hidden className="size-4" />
          PNG
        </Button>
        <Button
          look="outline"
          className="px-3"
          aria-label="Download the QR code as SVG, for print"
          onClick={() => save("svg")}
        >
          <Download aria-hidden className="size-4" />
          SVG
        </Button>
      </div>
    </div>
  );
}
