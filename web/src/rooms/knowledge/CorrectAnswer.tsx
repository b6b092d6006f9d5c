/** Teaching the AI a better answer: it becomes a question–answer pair. */
import { Alert, Button, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { GraduationCap } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert } from "@/ui/Problem";
import type { Teach } from "./AnswerReasons";
import { withoutSource } from "./citation";
import type { Tried } from "./tried";

export function CorrectAnswer({ one, teach }: { one: Tried; teach: Teach }) {
  const { t } = useTranslation("knowledge");
  const [opened, { open, close }] = useDisclosure();
  const [question, setQuestion] = useState(one.question);
  const [right, setRight] = useState(one.taught ?? (one.answer.verdict === "answered" ? withoutSource(one.answer.text) : ""));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    teach.mutate({ id: one.id, question, answer: right }, { onSuccess: close });
  };
  return (
    <>
      {one.taught && (
        <Alert color="sapa" variant="light" p="xs" icon={<GraduationCap size={18} aria-hidden />} role="status">
          {t("correct.done")}
        </Alert>
      )}
      <div>
        <Button variant="default" size="xs" leftSection={<GraduationCap size={14} aria-hidden />} onClick={open}>
          {t("correct.open")}
        </Button>
      </div>
      <Modal opened={opened} onClose={close} title={t("correct.title")} size="lg" closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <form onSubmit={send}>
          <Stack>
            <Text size="sm">{t("correct.effect")}</Text>
            <ProblemAlert error={teach.error} />
            <Textarea
              label={t("correct.question")}
              autosize
              maxLength={500}
              required
              withAsterisk={false}
              value={question}
              onChange={(event) => setQuestion(event.currentTarget.value)}
            />
            <Textarea
              label={t("correct.answer")}
              autosize
              minRows={3}
              maxRows={12}
              maxLength={3500}
              required
              withAsterisk={false}
              data-autofocus
              value={right}
              onChange={(event) => setRight(event.currentTarget.value)}
            />
            <FormActions send={t("correct.send")} pending={teach.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
