import { type ComponentProps, useMemo } from "react";
import { countries } from "../format/countries.ts";
import { cx } from "./cx.ts";

/** The browser's own select: it filters as one types, and phones show it as they show all others. */
export function CountrySelect({
  placeholder,
  className,
  ...select
}: ComponentProps<"select"> & { placeholder: string }) {
  const options = useMemo(() => countries(), []);
  return (
    <select {...select} className={cx("field-box", className)}>
      <option value="">{placeholder}</option>
      {options.map(({ code, name }) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
