import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { ButtonLink } from "../../ui/button.tsx";
import { meQuery } from "../session/session.ts";
import { setupQuery } from "./queries.ts";
import { stepWords } from "./words.ts";

/** On the page where an owner begins: which step comes next, until all are behind them. Nothing where that is not known. */
export function FirstStepsBanner() {
  const { data: me } = useQuery(meQuery);
  const { data: setup } = useQuery(setupQuery(me));
  if (!setup || setup.finished) return null;
  const next = setup.steps.find(({ state }) => state === "next");
  const done = setup.steps.filter(({ state }) => state === "done").length;
  return (
    <section
      aria-label="First steps"
      className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-xl border border-leaf/50 bg-leaf-wash px-5 py-4"
    >
      <div className="min-w-0 flex-1 basis-72">
        <p className="eyebrow text-leaf">
          First steps · {done} of {setup.steps.length} done
        </p>
        <p>
          {next ? (
            <>
              <span className="font-semibold">Next: {stepWords[next.step].title}.</span> {stepWords[next.step].why}
            </>
          ) : (
            <span className="font-semibold">The rest is with Amazon. You will see it here when it is done.</span>
          )}
        </p>
      </div>
      <ButtonLink to="/setup">
        {next ? "Go on" : "See the steps"}
        <ArrowRight aria-hidden className="size-4" />
      </ButtonLink>
    </section>
  );
}
