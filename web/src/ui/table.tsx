// biome-ignore-all lint/a11y/noRedundantRoles: they stop being redundant once the table is laid out as blocks
import type { ReactNode } from "react";
import { cx } from "./cx.ts";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  align?: "end";
  className?: string;
  /** On narrow screens beside the first column instead of below it, and without its name: for a state. */
  corner?: boolean;
}

/**
 * A table that becomes a list of cards on narrow screens. The roles are written out because a table laid out as blocks
 * would otherwise stop being one for assistive technology. The first column holds the row's link, which covers the row.
 */
export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  caption: string;
  columns: Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}) {
  return (
    <table
      role="table"
      className="block w-full overflow-hidden rounded-xl border border-line bg-card text-left shadow-card md:table md:border-separate md:border-spacing-0"
    >
      <caption className="sr-only">{caption}</caption>
      <thead role="rowgroup" className="sr-only md:not-sr-only md:table-header-group">
        <tr role="row">
          {columns.map((column) => (
            <th
              key={column.head}
              role="columnheader"
              scope="col"
              className={cx(
                "eyebrow whitespace-nowrap border-line border-b px-4 py-3",
                column.align === "end" && "text-right",
                column.className,
              )}
            >
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="block divide-y divide-line md:table-row-group md:divide-y-0">
        {rows.map((row) => (
          <tr
            key={keyOf(row)}
            role="row"
            className="relative grid grid-cols-[1fr_auto] gap-x-4 px-4 py-3.5 focus-within:bg-sunk/60 hover:bg-sunk/60 md:table-row md:p-0 [&:not(:last-child)>td]:md:border-b"
          >
            {columns.map((column, index) => (
              <td
                key={column.head}
                role="cell"
                className={cx(
                  "flex items-baseline justify-between gap-4 py-0.5 align-top text-[0.9375rem] md:table-cell md:border-line md:px-4 md:py-3.5",
                  index === 0 && "font-semibold md:font-normal",
                  index > 0 && !column.corner && "col-span-2",
                  index === 0 && !columns[1]?.corner && "col-span-2",
                  column.align === "end" && "md:text-right",
                  column.className,
                )}
              >
                {index > 0 && !column.corner && (
                  <span aria-hidden className="shrink-0 text-soft text-sm md:hidden">
                    {column.head}
                  </span>
                )}
                <span
                  className={cx(
                    "min-w-0",
                    index > 0 && "text-right md:text-left",
                    column.align === "end" && "md:text-right",
                  )}
                >
                  {column.cell(row)}
                </span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** For the link in the first column: its area is the whole row. */
export const rowLink =
  "font-semibold underline-offset-4 hover:underline after:absolute after:inset-0 after:content-['']";
