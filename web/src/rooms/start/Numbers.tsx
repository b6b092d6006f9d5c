/** The numbers, whether they can send, and where one writes to them. */
import { Anchor, Group, Stack, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { line } from "@/rooms/onboarding/health";
import { GlanceWord } from "@/rooms/onboarding/parts/Glances";
import { Facts as Small, Row, Rows } from "@/ui/Rows";
import { numbersOf, type Facts } from "./progress";

export function Numbers({ facts }: { facts: Facts }) {
  const { t } = useTranslation("start");
  const { slug } = useMembership();
  const numbers = numbersOf(facts);
  if (numbers.length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-label={t("numbers.title")}>
      <Title order={2} size="h4">
        {t("numbers.title")}
      </Title>
      <Rows label={t("numbers.title")}>
        {numbers.map((number) => (
          <Row
            key={number.id}
            title={
              <Anchor component={Link} to={`/o/${slug}/accounts/${number.account_id}`}>
                <bdi>{number.display}</bdi>
              </Anchor>
            }
            facts={<Small>{[number.verified_name, <GlanceWord key="line" of={line(number)} />]}</Small>}
            actions={
              <Anchor href={number.chat_url} target="_blank" rel="noopener" size="sm">
                <Group gap={6} component="span" display="inline-flex">
                  {t("numbers.write")} <ExternalLink size={14} aria-hidden />
                </Group>
              </Anchor>
            }
          />
        ))}
      </Rows>
    </Stack>
  );
}
