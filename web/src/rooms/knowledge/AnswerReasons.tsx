/** Why the AI would answer so: how it ended, what was found with its scores, and what a model was asked. */
import { Accordion, Badge, Code, Group, Paper, Stack, Text, Title, type MantineColor } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay } from "@/app/session";
import { Facts } from "@/ui/Rows";
import { CorrectAnswer } from "./CorrectAnswer";
import { languageName } from "./facts";
import { Found } from "./Found";
import type { Source } from "./queries";
import type { Lesson, Tried } from "./tried";

const COLOURS: Record<Schemas["Verdict"], MantineColor> = {
  answered: "sapa",
  refused: "orange",
  small_talk: "blue",
  hand_off: "grape",
};

export type Teach = UseMutationResult<Source, Error, Lesson>;

export function AnswerReasons({ one, teach }: { one: Tried; teach: Teach }) {
  const { t, i18n } = useTranslation("knowledge");
  const mayTeach = useMay()("inbox.write");
  const { verdict, language, engine, micros, tokens, passages, prompt } = one.answer;
  return (
    <>
      <Paper withBorder p="md">
        <Stack gap="xs">
          <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
            {one.question}
          </Title>
          <Group gap="xs">
            <Badge color={COLOURS[verdict]} variant="light">
              {t(`verdict.${verdict}`)}
            </Badge>
            <Text component="div" size="sm" c="dimmed">
              <Facts>
                {[
                  languageName(language, i18n.language),
                  engine === "embedded" ? t("test.embedded") : engine,
                  t("test.millis", { millis: Math.max(1, Math.round(micros / 1000)) }),
                  tokens > 0 && t("test.tokens", { count: tokens }),
                ]}
              </Facts>
            </Text>
          </Group>
          <Text size="sm">{t(`verdictMeans.${verdict}`)}</Text>
          {mayTeach && <CorrectAnswer one={one} teach={teach} />}
        </Stack>
      </Paper>
      {passages.length > 0 && <Found passages={passages} />}
      {prompt && (
        <Accordion variant="contained">
          <Accordion.Item value="prompt">
            <Accordion.Control>{t("test.prompt")}</Accordion.Control>
            <Accordion.Panel>
              <Code block tabIndex={0} style={{ whiteSpace: "pre-wrap" }}>
                {prompt}
              </Code>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </>
  );
}
