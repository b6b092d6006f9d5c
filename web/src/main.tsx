import "./app/mantine.css";
import "@mantine/notifications/styles.css";
import "./app/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "./api/problem";
import { App } from "./app/App";
import { appearance, direction } from "./app/appearance";
import { preferredLanguage, startTexts } from "./i18n";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no place to stand in.");
// Styles that a part of ours puts into the page by itself (dialogs keep it from scrolling) must carry the number too.
Object.assign(globalThis, {
  __webpack_nonce__: document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content,
});
document.documentElement.dir = direction();
await startTexts(preferredLanguage(appearance().language));
createRoot(root, {
  // An answer that says no is shown by the page that asked; whatever else was caught is a fault.
  onCaughtError: (error) => {
    if (!(error instanceof ApiProblem)) console.error(error);
  },
}).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
