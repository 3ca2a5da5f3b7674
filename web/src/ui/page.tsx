import { type ReactNode, useEffect, useRef } from "react";
import { cx } from "./cx.ts";

let firstPage = true;

/** Puts the title into the tab and, on every page but the first, moves focus to the heading, as a page load would. */
export function usePageTitle(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === "Laurel" ? title : `${title} · Laurel`;
  }, [title]);
  useEffect(() => {
    if (firstPage) {
      firstPage = false;
      return;
    }
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  return heading;
}

/** `text` stands in the middle, for a visitor; `column` keeps the left edge that all of a person's own pages share. */
const widths = { text: "max-w-2xl", column: "max-w-6xl", page: "max-w-6xl" };

/** One screen: its heading, what stands beside it, and its content. */
export function Page({
  title,
  heading: shown = title,
  eyebrow,
  lead,
  actions,
  width = "page",
  children,
}: {
  /** For the tab; the heading too unless one is given. */
  title: string;
  heading?: ReactNode;
  eyebrow?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  width?: keyof typeof widths;
  children: ReactNode;
}) {
  const heading = usePageTitle(title);
  return (
    <div className={cx("mx-auto w-full px-4 py-8 sm:px-6 lg:py-10 print:max-w-none print:p-0", widths[width])}>
      <header className="mb-7 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          {eyebrow && <div className="mb-1">{eyebrow}</div>}
          <h1
            ref={heading}
            tabIndex={-1}
            className="font-serif text-[2rem] leading-tight tracking-[-0.01em] sm:text-4xl"
          >
            {shown}
          </h1>
          {lead && <div className="mt-2 max-w-2xl text-soft">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2 print:hidden">{actions}</div>}
      </header>
      {width === "column" ? <div className="max-w-3xl">{children}</div> : children}
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
  className,
}: {
  title?: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section
      aria-label={title}
      className={cx("rounded-xl border border-line bg-card p-5 shadow-card sm:p-6 print:shadow-none", className)}
    >
      {title && (
        <div className="mb-4 flex flex-wrap items-baseline justify-between gap-3">
          <h2 className="font-serif text-xl">{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names and values, side by side where there is room. */
export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className="divide-y divide-line">
      {items.map(([name, value]) => (
        <div key={name} className="grid gap-x-4 py-2.5 first:pt-0 last:pb-0 sm:grid-cols-[11rem_1fr]">
          <dt className="text-soft text-sm sm:py-px">{name}</dt>
          <dd className="min-w-0 text-[0.9375rem]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
