// Checks Node's version before anything that an old one could not even read. Plain JavaScript on purpose.
(() => {
  var parts = process.versions.node.split(".").map(Number);
  var fits = parts[0] >= 24 || (parts[0] === 22 && parts[1] >= 18);
  if (!fits) {
    console.error(
      "laurel: This is Node " +
        process.versions.node +
        ". Laurel needs Node 24, or 22.18 and later of the 22 line: https://nodejs.org",
    );
    process.exit(1);
  }

  // Node says that it reads TypeScript and has SQLite, and that both are new. Everything else is passed on.
  var emitWarning = process.emitWarning;
  process.emitWarning = function (warning) {
    if (/SQLite|type stripping/i.test(String((warning && warning.message) || warning))) return;
    emitWarning.apply(process, arguments);
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
        var missing = error && error.code === "ERR_MODULE_NOT_FOUND";
        console.error(
          missing ? "laurel: Something is not installed. Run npm ci first. (" + error.message + ")" : error,
        );
        process.exit(1);
      },
    );
})();
