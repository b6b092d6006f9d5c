/** What an answer of the AI rests on, and the way to correct it. */
import { Accordion, Badge, Button, Group, Loader, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery } from "@tanstack/react-query";
import { BookOpen, PenLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { ProblemAlert, useProblemInForm, tellDone } from "@/ui/Problem";
import { answerQuery } from "../queries";
import type { Message } from "./stretch";

export function SourcesModal({ message, onClose }: { message: Message | null; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={message !== null} onClose={onClose} size="lg" title={t("sources.title")} closeButtonProps={{ "aria-label": t("close") }}>
      {message && <Sources message={message} onDone={onClose} />}
    </Modal>
  );
}

function Sources({ message, onDone }: { message: Message; onDone: () => void }) {
  const { t } = useTranslation("inbox");
  const may = useMay();
  const [isCorrecting, setCorrecting] = useState(false);
  const { data, error, isPending } = useQuery(answerQuery(useOrg(), message.id));
  if (isPending) return <Loader aria-label={t("loading", { ns: "app" })} />;
  if (!data) return <ProblemAlert error={error} />;
  return (
    <Stack>
      <div>
        <Text size="sm" c="dimmed">
          {t("sources.asked")}
        </Text>
        <Text fw={500}>{data.question}</Text>
      </div>
      <Group gap="xs">
        <Badge variant="light">{t(`sources.verdict.${verdict(data.verdict)}`)}</Badge>
        <Text size="sm" c="dimmed">
          {data.engine === "embedded" ? t("sources.embedded") : t("sources.model", { name: data.engine })}
        </Text>
      </Group>
      {data.passages.length === 0 && <Text size="sm">{t("sources.none")}</Text>}
      <Accordion variant="separated" multiple defaultValue={data.passages.filter((one) => one.used).slice(0, 1).map((one) => one.passage_id)}>
        {data.passages.map((passage) => (
          <PassageItem key={passage.passage_id} passage={passage} />
        ))}
      </Accordion>
      {may("inbox.write") && !isCorrecting && (
        <Group>
          <Button variant="default" leftSection={<PenLine size={16} aria-hidden />} onClick={() => setCorrecting(true)}>
            {t("correct.open")}
          </Button>
        </Group>
      )}
      {isCorrecting && <CorrectForm given={data} onDone={onDone} />}
    </Stack>
  );
}

const VERDICTS = ["answered", "refused", "small_talk", "hand_off"] as const;

function verdict(word: string): (typeof VERDICTS)[number] {
  return VERDICTS.find((one) => one === word) ?? "answered";
}

function PassageItem({ passage }: { passage: Schemas["Considered"] }) {
  const { t, i18n } = useTranslation("inbox");
  const share = new Intl.NumberFormat(i18n.language, { style: "percent" }).format(passage.coverage);
  const score = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 }).format(passage.score);
  return (
    <Accordion.Item value={passage.passage_id}>
      <Accordion.Control icon={<BookOpen size={16} aria-hidden />}>
        <Group gap="xs" justify="space-between" wrap="nowrap" pe="xs">
          <Text size="sm" fw={500} truncate>
            {[...new Set([passage.source_title, ...passage.titles])].filter(Boolean).join(" › ")}
          </Text>
          <Badge variant={passage.used ? "filled" : "default"} style={{ flex: "none" }}>
            {t(passage.used ? "sources.used" : "sources.considered")}
          </Badge>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
          {passage.text}
        </Text>
        <Text size="xs" c="dimmed" mt="xs">
          {t("sources.scores", { share, score })}
        </Text>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function CorrectForm({ given, onDone }: { given: Schemas["GivenAnswer"]; onDone: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const form = useForm({ mode: "uncontrolled", initialValues: { question: given.question, answer: "" } });
  const correct = useMutation({
    mutationFn: (body: Schemas["Correction"]) =>
      answer(api.POST("/api/v1/orgs/{org}/answers/{answer}/correct", { params: { path: { org, answer: given.id } }, body })),
    onSuccess: () => {
      tellDone(t("correct.done"));
      onDone();
    },
  });
  const said = useProblemInForm(form, correct.error);
  return (
    <form onSubmit={form.onSubmit((values) => correct.mutate(values))}>
      <Stack gap="sm">
        <ProblemAlert error={said} />
        <Textarea label={t("correct.question")} autosize required withAsterisk={false} key={form.key("question")} {...form.getInputProps("question")} />
        <Textarea
          label={t("correct.answer")}
          description={t("correct.hint")}
          autosize
          minRows={3}
          required
          withAsterisk={false}
          data-autofocus
          key={form.key("answer")}
          {...form.getInputProps("answer")}
        />
        <Group>
          <Button type="submit" loading={correct.isPending}>
            {t("correct.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
