import type { CorrectionPreview } from "@laurel/contract";
import { formatRate } from "../../format/money.ts";
import { Money } from "../../ui/figures.tsx";

/** What a correction does to whom, in figures. */
export function EffectTable({ preview }: { preview: CorrectionPreview }) {
  const { from, to, currency } = preview;
  const sides = [...(from ? [{ ...from, sign: "From" }] : []), ...(to ? [{ ...to, sign: "To" }] : [])];
  return (
    <table className="w-full text-[0.9375rem]">
      <caption className="sr-only">What changes for whom</caption>
      <thead>
        <tr className="border-line border-b text-left text-sm text-soft">
          <th scope="col" className="py-2 pr-3 font-normal">
            Whose
          </th>
          <th scope="col" className="py-2 pr-3 text-right font-normal">
            Now
          </th>
          <th scope="col" className="py-2 text-right font-normal">
            Then
          </th>
        </tr>
      </thead>
      <tbody>
        {sides.map((side) => (
          <tr key={side.sign} className="border-line border-b last:border-0">
            <th scope="row" className="py-2.5 pr-3 text-left font-normal">
              <span className="block text-soft text-sm">{side.sign}</span>
              <span className="font-semibold">{side.name}</span>
              <span className="block text-soft text-sm">
                {side.tierName}, {formatRate(side.rateBp)}
              </span>
            </th>
            <td className="py-2.5 pr-3 text-right align-bottom">
              <Money minor={side.beforeMinor} currency={currency} />
            </td>
            <td className="py-2.5 text-right align-bottom font-semibold">
              <Money minor={side.afterMinor} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
