import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// Served by the server at "/"; whoever develops the page starts that server and then `npm run dev`.
const SERVER = loadEnv("", ".", "RESIDUUM_")["RESIDUUM_SERVER"] ?? "http://127.0.0.1:8756";

export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/residuum/web/room",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the policy of the server allows no data: URLs
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": { target: SERVER, changeOrigin: false } } }, // the server refuses pages of another address
  test: { include: ["tests/**/*.test.{ts,tsx}"], environment: "node" },
});
