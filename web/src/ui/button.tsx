import { Link, type LinkProps } from "@tanstack/react-router";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx.ts";

type Look = "solid" | "outline" | "quiet" | "danger";

const looks: Record<Look, string> = {
  solid: "bg-leaf text-on-leaf hover:bg-leaf-deep border-transparent",
  outline: "border-edge bg-card text-ink hover:bg-sunk",
  quiet: "border-transparent text-leaf hover:bg-leaf-wash",
  danger: "border-bad bg-card text-bad hover:bg-bad-wash",
};

export const buttonClass = (look: Look = "solid", extra?: string): string =>
  cx(
    "inline-flex min-h-11 items-center justify-center gap-2 rounded-lg border px-4 py-2 text-[0.9375rem] font-semibold leading-tight transition-colors disabled:cursor-not-allowed disabled:opacity-60",
    looks[look],
    extra,
  );

/** A button that can be busy: it keeps its place and its focus, and does nothing while it is. */
export function Button({
  look = "solid",
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ComponentProps<"button"> & { look?: Look; busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(look, className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
}

export function ButtonLink({
  look = "solid",
  className,
  children,
  ...rest
}: LinkProps & { look?: Look; className?: string; children: ReactNode }) {
  return (
    <Link {...(rest as LinkProps)} className={buttonClass(look, className)}>
      {children}
    </Link>
  );
}
