/** The passages that were considered, best first, each with how well it fits. */
import { Anchor, Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMembership } from "@/app/session";
import { PassageTitles } from "./PassageTitles";
import { ScoreBar } from "./ScoreBar";

/** A text of more characters is shown in part at first. */
const LONG = 220;

export function Found({ passages }: { passages: readonly Schemas["Considered"][] }) {
  const { t } = useTranslation("knowledge");
  const best = Math.max(...passages.map((one) => one.score), 0.001);
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        {t("found.title", { count: passages.length })}
      </Title>
      {passages.map((one) => (
        <FoundPassage key={one.passage_id} one={one} best={best} />
      ))}
    </Stack>
  );
}

function FoundPassage({ one, best }: { one: Schemas["Considered"]; best: number }) {
  const { t, i18n } = useTranslation("knowledge");
  const { slug } = useMembership();
  const [whole, setWhole] = useState(false);
  const share = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 });
  const score = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" mb={6} gap="xs">
        <Anchor component={Link} to={`/o/${slug}/knowledge/${one.source_id}`} size="sm" fw={600}>
          {one.source_title}
        </Anchor>
        {one.used && (
          <Badge size="sm" variant="light">
            {t("found.used")}
          </Badge>
        )}
      </Group>
      <Stack gap={4} mb="xs">
        <ScoreBar label={t("found.score")} share={one.score / best} text={score.format(one.score)} />
        <ScoreBar label={t("found.coverage")} share={one.coverage} text={share.format(one.coverage)} />
        {typeof one.similarity === "number" && (
          <ScoreBar label={t("found.similarity")} share={one.similarity} text={share.format(one.similarity)} />
        )}
      </Stack>
      <PassageTitles titles={one.titles.filter((title) => title !== one.source_title)} />
      <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} lineClamp={whole ? undefined : 3}>
        {one.text}
      </Text>
      {one.text.length > LONG && (
        <Anchor component="button" type="button" size="sm" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {t(whole ? "found.less" : "found.more")}
        </Anchor>
      )}
    </Paper>
  );
}
