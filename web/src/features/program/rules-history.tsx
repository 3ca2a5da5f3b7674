import type { SavedRules } from "@laurel/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Badge } from "../../ui/badge.tsx";
import { Time } from "../../ui/figures.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Empty } from "../../ui/states.tsx";
import { rulesQuery } from "./queries.ts";
import { ruleChanges, sentencesOf } from "./rules-words.ts";
import { Changes } from "./save.tsx";

/** Every version of the rules, the newest first, each against the one before. */
export function RulesHistory({ inForce }: { inForce: number }) {
  const listing = useInfiniteQuery(rulesQuery);
  return (
    <section aria-labelledby="history" className="mt-12 max-w-3xl">
      <h2 id="history" className="font-serif text-2xl">
        History
      </h2>
      <p className="mt-1 mb-5 text-[0.9375rem] text-soft">
        Each receipt names the version by which its order was decided. Versions are never changed.
      </p>
      <Pages listing={listing} empty={<Empty title="No versions kept yet">The next change appears here.</Empty>}>
        {(rows) => (
          <ol className="space-y-3">
            {rows.map((version, at) => (
              <li key={version.version} className="rounded-xl border border-line bg-card px-5 py-4">
                <Version
                  version={version}
                  before={rows[at + 1]}
                  // Behind the last row that is loaded there may be one more.
                  first={at === rows.length - 1 && !listing.hasNextPage}
                  inForce={version.version === inForce}
                />
              </li>
            ))}
          </ol>
        )}
      </Pages>
    </section>
  );
}

function Version({
  version,
  before,
  first,
  inForce,
}: {
  version: SavedRules;
  before: SavedRules | undefined;
  first: boolean;
  inForce: boolean;
}) {
  const changes = before ? ruleChanges(before, version) : [];
  return (
    <article aria-label={`Version ${version.version}`}>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 className="font-semibold">Version {version.version}</h3>
        {inForce && <Badge tone="good">In force</Badge>}
        <p className="text-sm text-soft sm:ml-auto">
          Since <Time at={version.savedAt} />
          {version.savedBy && `, by ${version.savedBy.name ?? "somebody no longer in the team"}`}
        </p>
      </div>
      {changes.length > 0 ? (
        <Changes items={changes} className="mt-2" />
      ) : (
        <p className="mt-1 text-[0.9375rem] text-soft">
          {first
            ? "The rules that the program began with, as far as they were kept."
            : before
              ? "Nothing changed against the version before."
              : "Load more to see what changed."}
        </p>
      )}
      <details className="mt-2 text-[0.9375rem]">
        <summary className="inline-block rounded text-leaf hover:underline">All rules of this version</summary>
        <ul className="mt-2 list-disc space-y-1 pl-5">
          {sentencesOf(version).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </details>
    </article>
  );
}
