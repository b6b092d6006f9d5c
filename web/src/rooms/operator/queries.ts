/** The installation, as its operator reads it. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { pagedQuery } from "@/ui/Paged";

/** How often it is looked whether something was kept, while the page is open. */
export const KEPT_EVERY_MS = 10_000;

/** Nothing tells an operator what changed, so pages are read anew when they are entered. */
const anew = { staleTime: 0 };

export const organisationsQuery = {
  ...pagedQuery(["operator", "organisations"], (after) =>
    answer(api.GET("/api/v1/operator/orgs", { params: { query: { after } } })),
  ),
  ...anew,
};

/** Connections of all organisations, or of those that stand so. */
export const connectionsQuery = (state?: Schemas["Standing"]) => ({
  ...pagedQuery(["operator", "connections", state], (after) =>
    answer(api.GET("/api/v1/operator/connections", { params: { query: { state, after } } })),
  ),
  ...anew,
});

/** Connect links of the operators' that still work. */
export const openLinksQuery = {
  ...pagedQuery(["operator", "connect-links"], (after) =>
    answer(api.GET("/api/v1/operator/connect-invites", { params: { query: { after } } })),
  ),
  ...anew,
};

export const appsQuery = queryOptions({
  queryKey: ["operator", "apps"],
  queryFn: async () => (await answer(api.GET("/api/v1/operator/meta-apps"))).items,
  ...anew,
});

export const keptQuery = {
  ...pagedQuery(["operator", "kept"], (after) =>
    answer(api.GET("/api/v1/operator/kept-updates", { params: { query: { after } } })),
  ),
  ...anew,
  refetchInterval: KEPT_EVERY_MS,
};

export const deadJobsQuery = queryOptions({
  queryKey: ["operator", "dead-jobs"],
  queryFn: async () => (await answer(api.GET("/api/v1/operator/dead-jobs", { params: { query: { limit: 200 } } }))).items,
  ...anew,
});

/** How often the health page is read anew while it is open; what it shows is no fresher. */
const HEALTH_EVERY_MS = 10_000;

export const healthQuery = queryOptions({
  queryKey: ["operator", "health"],
  queryFn: () => answer(api.GET("/api/v1/operator/health")),
  ...anew,
  refetchInterval: HEALTH_EVERY_MS,
});

export const auditQuery = {
  ...pagedQuery(["operator", "audit"], (after) =>
    answer(api.GET("/api/v1/operator/audit", { params: { query: { after } } })),
  ),
  ...anew,
};

export const keysQuery = queryOptions({
  queryKey: ["operator", "keys"],
  queryFn: async () => (await answer(api.GET("/api/v1/operator/keys"))).items,
  ...anew,
});

export const providersQuery = queryOptions({
  queryKey: ["operator", "providers"],
  queryFn: async () => (await answer(api.GET("/api/v1/operator/openid-providers"))).items,
  ...anew,
});
