import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { announce, toast } from "./toast.tsx";

/** Copies a text and says so, to eyes and ears. */
export function CopyButton({
  text,
  what,
  look = "outline",
  className,
}: {
  text: string;
  what: string;
  look?: "outline" | "solid" | "quiet";
  className?: string;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce(`${what} copied.`);
    } catch {
      // Browsers refuse where the page is not secure or the person said no.
      toast(`Your browser did not allow copying. Select the ${what.toLowerCase()} and copy it by hand.`, "bad");
    }
  };

  return (
    <Button look={look} className={className} onClick={copy} aria-label={`Copy ${what.toLowerCase()}`}>
      {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}
