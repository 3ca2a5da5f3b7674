import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The portal is static: hashed assets and one page, nothing inline, so that the strictest content policy holds. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // Small images as files too: the policy allows data: for pictures, but a hashed file is cached for good.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
