/** The emulator's phone: a page of its own, small, served by the emulator at `/phone`. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The emulator that `npm run dev:phone` talks to. */
const emulator = process.env.SAPA_EMULATOR_URL ?? "http://127.0.0.1:8090";

export default defineConfig({
  root: fileURLToPath(new URL("./phone", import.meta.url)),
  base: "/phone/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // The dashboard's plug-ins would rewrite `light-dark()` for Mantine, which is not here.
  css: { postcss: { plugins: [] } },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    // The content security policy allows no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/_emulator", "/profile-pictures"].map((path) => [path, { target: emulator, changeOrigin: true }]),
    ),
  },
});
