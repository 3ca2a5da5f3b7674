import { Link, type LinkProps } from "@tanstack/react-router";
import { cx } from "./cx.ts";

/** A row of links of which one is the present view: filters that are worth an address of their own. */
export function Segments({
  label,
  items,
}: {
  label: string;
  items: { text: string; link: LinkProps; current: boolean }[];
}) {
  return (
    <nav aria-label={label} className="mb-5">
      <ul className="flex flex-wrap gap-1.5">
        {items.map(({ text, link, current }) => (
          <li key={text}>
            <Link
              {...link}
              resetScroll={false}
              activeProps={{}}
              aria-current={current ? "page" : undefined}
              className={cx(
                "inline-flex min-h-10 items-center rounded-full border px-4 text-[0.9375rem] transition-colors",
                current ? "border-leaf bg-leaf font-semibold text-on-leaf" : "border-line bg-card hover:bg-sunk",
              )}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
