import "./look.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { preferredLanguage } from "@/i18n/languages";
import { newQueryClient } from "./api/queries";
import { App } from "./App";
import { applyWishes, wishes } from "./wishes";
import { startTexts } from "./texts";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no place to stand in.");
applyWishes();
await startTexts(preferredLanguage(wishes().language));
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={newQueryClient()}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
