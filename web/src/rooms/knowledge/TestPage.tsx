/** Asking as a customer would: what the AI would answer, and why. Nothing is sent. */
import { Box, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Eraser } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";
import { AnswerReasons } from "./AnswerReasons";
import { AskForm } from "./AskForm";
import { KnowledgeTabs } from "./KnowledgeTabs";
import { Thread } from "./Thread";
import { useTried } from "./tried";
import classes from "./TestPage.module.css";

export function TestPage() {
  const { t } = useTranslation("knowledge");
  const { tried, ask, teach, forget } = useTried();
  const [chosen, setChosen] = useState<string>();
  const looked = tried.find((one) => one.id === chosen) ?? tried.at(-1);
  const send = (question: string) => ask.mutate(question, { onSuccess: () => setChosen(undefined) });
  return (
    <Page title={t("title")} about={t("test.about")} width={1240}>
      <KnowledgeTabs />
      <Box className={classes.console}>
        <Paper withBorder className={classes.phone}>
          <Group justify="space-between" wrap="nowrap" px="md" py="xs" className={classes.head}>
            <Title order={2} size="h5">
              {t("test.title")}
            </Title>
            {tried.length > 0 && (
              <Button variant="subtle" size="compact-sm" leftSection={<Eraser size={14} aria-hidden />} onClick={forget}>
                {t("test.forget")}
              </Button>
            )}
          </Group>
          <Thread tried={tried} asked={ask.isPending ? ask.variables : undefined} looked={looked?.id} onLook={setChosen} onExample={send} />
          <AskForm pending={ask.isPending} error={ask.error} onAsk={send} />
        </Paper>
        <Stack component="section" aria-label={t("test.why")}>
          {looked ? (
            <AnswerReasons key={looked.id} one={looked} teach={teach} />
          ) : (
            <Paper withBorder p="md">
              <Text c="dimmed">{t("test.whyEmpty")}</Text>
            </Paper>
          )}
        </Stack>
      </Box>
    </Page>
  );
}
