import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The console alone is built; the server runs as it is. Nothing inline: the pages' policy forbids it (src/http/console.ts).
export default defineConfig({
  root: "src/console",
  base: "/console/",
  plugins: [react()],
  build: {
    outDir: "../../dist/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
});
