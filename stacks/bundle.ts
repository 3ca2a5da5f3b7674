import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FunctionProps, NodeJSProps } from "sst/constructs";

const require = createRequire(import.meta.url);

/**
 * How the code of a function becomes what is deployed.
 * Split, so that what is imported when it is needed (mail, parameters, templates) is a file of its own, which a cold start
 * does not read. Without source maps, which would be uploaded beside it; names are kept instead.
 */
export const bundling: NodeJSProps = {
  format: "esm",
  minify: true,
  splitting: true,
  sourcemap: false,
  esbuild: {
    // Stripe's build for runtimes with `fetch` loads in a third of the time of the one for Node.
    alias: { stripe: join(dirname(require.resolve("stripe")), "..", "esm", "stripe.esm.worker.js") },
  },
};

/** Swagger UI's own files, which the API serves at /api/docs; they lie beside its code. */
export const docsFiles: NonNullable<FunctionProps["copyFiles"]> = [
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "favicon-32x32.png",
].map((name) => ({ from: `node_modules/swagger-ui-dist/${name}`, to: `functions/api/docs/${name}` }));
