/** Connections that were begun and are not there yet: on with them. */
import { Anchor, Badge, Stack, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { connectionsQuery } from "../queries";
import { isConnected } from "../steps";

export function Unfinished() {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const { slug } = useMembership();
  const { data } = useSuspenseQuery(connectionsQuery(useOrg()));
  const unfinished = data.items.filter((one) => !isConnected(one) && one.state !== "abandoned");
  if (unfinished.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {t("unfinished.title")}
      </Title>
      <Rows label={t("unfinished.title")}>
        {unfinished.map((one) => (
          <Row
            key={one.id}
            title={
              <Anchor component={Link} to={`/o/${slug}/connections/${one.id}`}>
                {t("unfinished.begun")} <Time at={one.created_at} />
              </Anchor>
            }
            facts={<Facts>{[one.state !== "needs_person" && say(one.sentence), t(`entry.${one.entry}`)]}</Facts>}
            actions={
              one.state === "needs_person" && (
                <Badge variant="default">
                  {t("unfinished.needsPerson")}
                </Badge>
              )
            }
          />
        ))}
      </Rows>
    </Stack>
  );
}
