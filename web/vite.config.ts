import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The gateway that `npm run dev` talks to. */
const gateway = process.env.SAPA_DEV_URL ?? "http://127.0.0.1:8080";

/** Whether a module is anything but styles. */
const isNoStyle = (id: string) => !id.includes(".module.css");

/** What only pages with forms and dialogs need. */
const FIELDS = [
  "@mantine/form/",
  ...["Checkbox", "Combobox", "Modal", "ModalBase", "MultiSelect", "NumberInput", "Pill", "PillsInput"].map((name) => `components/${name}/`),
  ...["Radio", "SegmentedControl", "Select", "Switch", "Table", "Tabs", "Textarea"].map((name) => `components/${name}/`),
  ...["klona", "react-remove-scroll", "react-style-singleton", "use-sidecar"],
];

/** Whether nearly every page needs a module. */
const isCommon = (id: string) => isNoStyle(id) && !FIELDS.some((part) => id.includes(part));

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // The content security policy allows neither inline scripts nor `data:` ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Says what belongs to what; `weight.mjs` reads it.
    manifest: true,
    // What most pages need is one file, not a hundred: it compresses better and comes faster. Styles of our own stay out
    // of it: it stands before Mantine's, which they have to win over. What forms need comes
    // with them: a thread has none.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "common", minShareCount: 12, test: isCommon }] } } },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/pages", "/connect/callback", "/reset-password", "/second-factor"].map((path) => [path, { target: gateway, changeOrigin: true }])),
  },
  test: { environment: "happy-dom", include: ["{src,phone}/**/*.test.{ts,tsx}"] },
});
