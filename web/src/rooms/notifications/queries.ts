/** Notifications and their runs, as the pages of this room read them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFreshQueries } from "@/api/fresh";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type Notification = Schemas["Notification"];
export type Definition = Schemas["NotificationDefinition"];
export type Trigger = Schemas["NotificationTrigger"];
export type Variable = Schemas["NotificationVariable"];
export type Run = Schemas["NotificationRun"];
export type Count = Schemas["NotificationCount"];

/** Everything of this room begins with it. */
const key = (org: string) => ["org", org, "notifications"] as const;

export const notificationsQuery = (org: string) =>
  queryOptions({
    queryKey: [...key(org), "list"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/notifications", { params: { path: { org } } })),
    select: (list) => list.items,
  });

export const notificationQuery = (org: string, notification: string) =>
  queryOptions({
    queryKey: [...key(org), notification],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/notifications/{notification}", { params: { path: { org, notification } } })),
  });

export const runsQuery = (org: string, notification: string) =>
  pagedQuery([...key(org), notification, "runs"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/notifications/{notification}/runs", { params: { path: { org, notification }, query: { after } } })),
  );

export const runQuery = (org: string, run: string) =>
  queryOptions({
    queryKey: [...key(org), "run", run],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/notification-runs/{run}", { params: { path: { org, run } } })),
  });

/** Which of a run's people are listed. */
export interface RecipientChoice {
  verdict?: string;
  reason?: string;
  outcome?: string;
}

export const recipientsQuery = (org: string, run: string, choice: RecipientChoice) =>
  pagedQuery([...key(org), "run", run, "recipients", choice], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/notification-runs/{run}/recipients", { params: { path: { org, run }, query: { ...choice, after } } })),
  );

/** Where a run's people are had as CSV. */
export const exportAddress = (org: string, run: string) => `/api/v1/orgs/${org}/notification-runs/${run}/export`;

/** Reads this room anew when something in it changes, or what was sent comes further. */
export function useFreshNotifications(): void {
  useFreshQueries(["notification.updated", "notification.run", "message.updated"], key(useOrg()));
}

/** Something done in this room; what is shown of it is read anew. */
export function useNotificationDeed<Wish, Result>(deed: (org: string, wish: Wish) => Promise<Result>) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed(org, wish),
    onSuccess: () => queries.invalidateQueries({ queryKey: key(org) }),
  });
}

export const keepNotification = (notification?: string) => (org: string, body: Schemas["NewNotification"]) =>
  notification === undefined
    ? answer(api.POST("/api/v1/orgs/{org}/notifications", { params: { path: { org } }, body }))
    : answer(api.PUT("/api/v1/orgs/{org}/notifications/{notification}", { params: { path: { org, notification } }, body }));

export const setNotificationState = (notification: string) => (org: string, state: Notification["state"]) =>
  answer(api.PUT("/api/v1/orgs/{org}/notifications/{notification}/state", { params: { path: { org, notification } }, body: { state } }));

export const removeNotification = (org: string, notification: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/notifications/{notification}", { params: { path: { org, notification } } }));

export const beginRun = (org: string, notification: string) =>
  answer(api.POST("/api/v1/orgs/{org}/notifications/{notification}/runs", { params: { path: { org, notification } }, body: {} }));

export const setRunState = (run: string) => (org: string, state: Run["state"]) =>
  answer(api.PUT("/api/v1/orgs/{org}/notification-runs/{run}/state", { params: { path: { org, run } }, body: { state } }));

export const preview = (org: string, body: Schemas["PreviewWanted"]) =>
  answer(api.POST("/api/v1/orgs/{org}/notifications/preview", { params: { path: { org } }, body }));
