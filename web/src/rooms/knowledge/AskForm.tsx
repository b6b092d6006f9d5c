/** Where a question is typed. */
import { ActionIcon, Group, Stack, Textarea } from "@mantine/core";
import { SendHorizontal } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "@/ui/Problem";
import classes from "./TestPage.module.css";

interface AskFormProps {
  pending: boolean;
  error: unknown;
  onAsk: (question: string) => void;
}

export function AskForm({ pending, error, onAsk }: AskFormProps) {
  const { t } = useTranslation("knowledge");
  const [question, setQuestion] = useState("");
  const ask = () => {
    if (pending || !question.trim()) return;
    onAsk(question.trim());
    setQuestion("");
  };
  const sendByEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask();
  };
  return (
    <form
      className={classes.ask}
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <Stack gap="xs">
        <ProblemAlert error={error} />
        <Group gap="xs" wrap="nowrap" align="flex-end">
          <Textarea
            flex={1}
            autosize
            maxRows={5}
            maxLength={2000}
            aria-label={t("test.question")}
            placeholder={t("test.placeholder")}
            value={question}
            onChange={(event) => setQuestion(event.currentTarget.value)}
            onKeyDown={sendByEnter}
          />
          <ActionIcon type="submit" size={36} radius="xl" loading={pending} aria-label={t("test.ask")}>
            <SendHorizontal size={18} aria-hidden />
          </ActionIcon>
        </Group>
      </Stack>
    </form>
  );
}
