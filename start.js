// Checks Node's version before anything that an old one could not even read. Plain old JavaScript on purpose.
const [major, minor] = process.versions.node.split(".").map(Number);
if (!(major >= 24 || (major === 22 && minor >= 18))) {
  console.error(
    `laurel: This is Node ${process.versions.node}. Laurel needs Node 24, or 22.18 and later of the 22 line: https://nodejs.org`,
  );
  process.exit(1);
}

// Node says that it reads TypeScript and has SQLite, and that both are new. Everything else is passed on.
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...more) => {
  const text = warning instanceof Error ? warning.message : String(warning);
  if (!/SQLite|type stripping/i.test(text)) emitWarning.call(process, warning, ...more);
};

import("node:module")
  .then((module) => {
    // What was compiled once starts faster the next time.
    if (module.enableCompileCache) module.enableCompileCache("node_modules/.cache/laurel/compiled");
    return import("./packages/local/src/start.ts");
  })
  .then(
    (start) => start.main(),
    (error) => {
      const missing = error.code === "ERR_MODULE_NOT_FOUND";
      console.error(missing ? `laurel: Something is not installed. Run npm ci first. (${error.message})` : error);
      process.exit(1);
    },
  );
