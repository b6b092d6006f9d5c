/** Around every page of an organisation: live events, and a banner while they do not come in. */
import { Alert } from "@mantine/core";
import { Outlet, useParams } from "@tanstack/react-router";
import { CloudOff, Lock } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { LiveProvider, useConnected } from "@/api/live";
import { useCountsLive } from "@/rooms/inbox/counts";
import { Missing } from "@/ui/PageStates";
import { useMembersLive } from "./members";
import { useMe } from "./session";

const HandOffAlerts = lazy(async () => ({
  default: (await import("@/rooms/inbox/alerts/HandOffAlerts")).HandOffAlerts,
}));

export function OrgFrame() {
  const { org } = useParams({ strict: false });
  const membership = useMe().organisations.find((one) => one.slug === org);
  const { t } = useTranslation();
  if (!membership) return <Missing />;
  return (
    <LiveProvider key={membership.id} org={membership.id}>
      {membership.status === "suspended" && (
        <Alert color="orange" radius={0} icon={<Lock size={18} aria-hidden />}>
          {t("suspended")}
        </Alert>
      )}
      <FrameLive />
      <Connection />
      <Suspense>
        <HandOffAlerts />
      </Suspense>
      <Outlet />
    </LiveProvider>
  );
}

/** What every page shows: a role that somebody is given holds at once, and what waits is counted anew. */
function FrameLive() {
  useMembersLive();
  useCountsLive();
  return null;
}

/** Says so when changes do not come in by themselves. */
function Connection() {
  const { t } = useTranslation();
  const connected = useConnected();
  return (
    <div role="status">
      {!connected && (
        <Alert color="yellow" radius={0} py={6} icon={<CloudOff size={18} aria-hidden />}>
          {t("disconnected")}
        </Alert>
      )}
    </div>
  );
}
