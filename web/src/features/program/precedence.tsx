import { type RankedSignal, rankedSignals } from "@laurel/contract";
import { ArrowDown, ArrowUp, Minus, Plus } from "lucide-react";
import { useRef } from "react";
import { signalWords } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorText } from "../../ui/field.tsx";
import { announce } from "../../ui/toast.tsx";

const means: Record<RankedSignal, string> = {
  promotion_code: "The buyer entered an ambassador's code.",
  click: "The buyer came by an ambassador's link.",
  customer: "The buyer was brought by an ambassador before.",
};

/** What names an ambassador, in the order in which it is believed. Buttons do all of it, by keyboard and by touch alike. */
export function Precedence({
  value,
  onChange,
  error,
}: {
  value: readonly RankedSignal[];
  onChange: (next: RankedSignal[]) => void;
  error?: string | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  const unused = rankedSignals.filter((kind) => !value.includes(kind));

  /** Focus stays with what was moved: the button that was pressed may have become useless at the end of the list. */
  const follow = (kind: RankedSignal, wish: string) =>
    requestAnimationFrame(() => {
      const row = box.current?.querySelector(`[data-kind="${kind}"]`);
      (
        row?.querySelector<HTMLButtonElement>(`[data-act="${wish}"]:not(:disabled)`) ??
        row?.querySelector<HTMLButtonElement>("button:not(:disabled)")
      )?.focus();
    });

  const move = (kind: RankedSignal, by: 1 | -1) => {
    const from = value.indexOf(kind);
    const next = value.filter((each) => each !== kind);
    next.splice(from + by, 0, kind);
    onChange(next);
    announce(`${signalWords[kind]} is now number ${from + by + 1}.`);
    follow(kind, by === 1 ? "down" : "up");
  };
  const leaveOut = (kind: RankedSignal) => {
    onChange(value.filter((each) => each !== kind));
    announce(`${signalWords[kind]} is not looked at any more.`);
    follow(kind, "use");
  };
  const use = (kind: RankedSignal) => {
    onChange([...value, kind]);
    announce(`${signalWords[kind]} is looked at, as number ${value.length + 1}.`);
    follow(kind, "up");
  };

  return (
    <div ref={box}>
      <h3 className="font-semibold text-[0.9375rem]">What is believed first</h3>
      <p className="mt-0.5 mb-2 text-sm text-soft">
        The first of these that names somebody decides whose order it is. The others are kept on the receipt.
      </p>
      <ol aria-label="What is believed, in order" className="overflow-hidden rounded-lg border border-line">
        {value.map((kind, index) => (
          <li
            key={kind}
            data-kind={kind}
            className="flex items-center border-line border-b py-1.5 pr-1 pl-3.5 last:border-0 sm:gap-1"
          >
            <span className="mr-2 w-4 shrink-0 text-soft tabular-nums">{index + 1}</span>
            <span className="min-w-0 flex-1">
              {signalWords[kind]}
              <span className="hidden text-sm text-soft sm:block">{means[kind]}</span>
            </span>
            <Button
              look="quiet"
              className="px-2.5"
              data-act="up"
              aria-label={`Move ${signalWords[kind]} up`}
              disabled={index === 0}
              onClick={() => move(kind, -1)}
            >
              <ArrowUp aria-hidden className="size-4" />
            </Button>
            <Button
              look="quiet"
              className="px-2.5"
              data-act="down"
              aria-label={`Move ${signalWords[kind]} down`}
              disabled={index === value.length - 1}
              onClick={() => move(kind, 1)}
            >
              <ArrowDown aria-hidden className="size-4" />
            </Button>
            <Button
              look="quiet"
              className="px-2.5"
              data-act="leave"
              aria-label={`Leave ${signalWords[kind]} out`}
              disabled={value.length === 1}
              onClick={() => leaveOut(kind)}
            >
              <Minus aria-hidden className="size-4" />
            </Button>
          </li>
        ))}
      </ol>
      {unused.length > 0 && (
        <>
          <p className="mt-3 mb-1.5 text-sm text-soft">Not looked at</p>
          <ul aria-label="Not looked at" className="overflow-hidden rounded-lg border border-line border-dashed">
            {unused.map((kind) => (
              <li
                key={kind}
                data-kind={kind}
                className="flex items-center gap-3 border-line border-b border-dashed py-1.5 pr-1.5 pl-3.5 text-soft last:border-0"
              >
                <span className="flex-1">{signalWords[kind]}</span>
                <Button look="quiet" data-act="use" aria-label={`Use ${signalWords[kind]}`} onClick={() => use(kind)}>
                  <Plus aria-hidden className="size-4" />
                  Use
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      <ErrorText>{error}</ErrorText>
    </div>
  );
}
