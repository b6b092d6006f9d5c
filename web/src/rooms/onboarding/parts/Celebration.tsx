/** The number is connected: what is still to come, and where to go from here. */
import { Button, Card, Flex, Group, Stack, Text, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpen, MessageCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { isolated } from "@/ui/isolated";
import { Notice } from "@/ui/Notice";
import { accountsQuery, type Connection } from "../queries";
import { isRenewed } from "../steps";
import classes from "./Celebration.module.css";

export function Celebration({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const { slug } = useMembership();
  const { data: accounts } = useSuspenseQuery(accountsQuery(useOrg()));
  const account = accounts.items.find((one) => one.id === connection.account_id);
  const names = account?.numbers.map((number) => isolated(number.display)).join(", ");
  return (
    <Card withBorder className={classes.card} role="status">
      <Flex align="flex-start" direction={{ base: "column", xs: "row" }} gap={{ base: "sm", xs: "lg" }}>
        <svg className={classes.drawing} viewBox="0 0 52 52" width={52} height={52} aria-hidden>
          <circle cx="26" cy="26" r="24" />
          <path d="M15 27l7.5 7.5L38 19" />
        </svg>
        <Stack gap="sm" flex={1}>
          <Title order={2} size="h3">
            {names ? t("celebration.title", { numbers: names }) : t("celebration.plain")}
          </Title>
          {isRenewed(connection) && <Text>{t("celebration.renewed")}</Text>}
          {connection.state === "live" ? (
            <Text>{t("celebration.live")}</Text>
          ) : (
            <Notice tone="wait">{say(connection.sentence)}</Notice>
          )}
          <Group>
            <Button component={Link} to={`/o/${slug}`} leftSection={<MessageCircle size={16} aria-hidden />}>
              {connection.state === "live" ? t("celebration.start") : t("celebration.write")}
            </Button>
            <Button component={Link} to={`/o/${slug}/knowledge`} variant="default" leftSection={<BookOpen size={16} aria-hidden />}>
              {t("celebration.knowledge")}
            </Button>
          </Group>
        </Stack>
      </Flex>
    </Card>
  );
}
