/** Channels besides WhatsApp, and what is decided about them. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { useOrg } from "@/app/session";

export type Channel = "email" | "sms";
export type Setup = Schemas["ChannelSetup"];
export type Way = Schemas["ChannelWay"];
export type Fallback = Schemas["FallbackView"];

export const channelsQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "channels"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/channels", { params: { path: { org } } })),
  });

export const fallbackQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "fallback"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/fallback", { params: { path: { org } } })),
  });

/** Reads both anew when somebody changes them. */
export function useFreshChannels(): void {
  const org = useOrg();
  const queries = useQueryClient();
  useFresh(["channels.updated"], () => {
    void queries.invalidateQueries(channelsQuery(org));
    void queries.invalidateQueries(fallbackQuery(org));
  });
}
