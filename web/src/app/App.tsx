import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { newQueryClient } from "@/api/queries";
import { colours, direction } from "./appearance";
import { newRouter } from "./router";
import { theme, variables } from "./theme";
import classes from "./App.module.css";

const queries = newQueryClient();
const router = newRouter(queries);
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// Told what to show by events, wherever they come from; no page waits for it.
const Notifications = lazy(async () => ({ default: (await import("@mantine/notifications")).Notifications }));

/** Everything that pages stand in. */
export function App() {
  return (
    <DirectionProvider initialDirection={direction()} detectDirection={false}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        colorSchemeManager={colours}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
        deduplicateCssVariables={false}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Suspense>
            <Notifications className={classes.toasts} position="bottom-right" limit={3} />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}
