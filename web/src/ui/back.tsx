import { Link, type LinkProps } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";

/** The way back to the list, above a page's heading. */
export function Back({ to, children }: { to: NonNullable<LinkProps["to"]>; children: string }) {
  return (
    <Link
      to={to}
      className="-ml-1 inline-flex min-h-9 items-center gap-1.5 rounded px-1 text-[0.9375rem] text-leaf hover:underline print:hidden"
    >
      <ArrowLeft aria-hidden className="size-4" />
      {children}
    </Link>
  );
}
