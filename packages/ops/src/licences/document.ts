import { type Bundled, places } from "./bundled.ts";
import { type Package, readPackages } from "./licence.ts";

/** The same package in the same version may lie in several folders. */
function joined(packages: readonly Package[]): Package[] {
  const byName = Map.groupBy(packages, ({ name, version }) => `${name} ${version}`);
  return [...byName.values()]
    .map((same) => ({
      ...same[0]!,
      places: places.filter((place) => same.some((each) => each.places.includes(place))),
    }))
    .sort((a, b) => (a.name === b.name ? (a.version < b.version ? -1 : 1) : a.name < b.name ? -1 : 1));
}

/** docs/licences.md and web/public/licences.txt, from what is bundled. */
export function licenceDocuments(bundled: Bundled): { markdown: string; text: string } {
  const packages = joined(readPackages(bundled));
  const counts = [...Map.groupBy(packages, ({ licence }) => licence)]
    .map(([licence, { length }]) => `${licence} ${length}`)
    .sort();
  const markdown = `# Licences of what is deployed

<!-- Written by npm run licences from what the bundlers took in. -->

Laurel itself is under [Apache-2.0](../LICENSE). Into its functions and its portal go parts of ${packages.length} packages: ${counts.join(", ")}. \`npm run licences\` fails on any other licence than MIT, Apache, BSD, ISC, 0BSD and the Unlicense. What visitors are sent is named with its whole text at \`/licences.txt\` of each portal. What AWS's CDK runs in your account while it deploys is AWS's, under Apache-2.0.

| package | version | licence | goes into |
| --- | --- | --- | --- |
${packages.map(({ name, version, licence, places: into }) => `| [${name}](https://www.npmjs.com/package/${name}) | ${version} | ${licence} | ${into.join(", ")} |`).join("\n")}
`;
  const sent = packages.filter((each) => each.places.some((place) => place !== "functions"));
  const text = [
    "This portal contains parts of the following packages. Laurel itself is under the Apache License 2.0.",
    ...sent.map(
      (each) => `${each.name} ${each.version} (${each.licence})\n\n${each.text || "It brings no text along."}`,
    ),
  ].join(`\n\n${"-".repeat(80)}\n\n`);
  return { markdown, text: `${text}\n` };
}
