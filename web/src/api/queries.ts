/** How answers are kept: what was read is shown at once, and read anew when something says that it changed. */
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

/** A failure that trying again may cure. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status >= 500 || error.status === 429;
}

/** The cache of the whole page. Live events say what is stale, so nothing is read anew for its age alone. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        retry: (failures, error) => failures < 3 && mayPass(error),
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8000),
      },
      mutations: { retry: false },
    },
  });
}
