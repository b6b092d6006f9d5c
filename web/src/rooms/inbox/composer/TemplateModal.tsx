/** Choosing an approved template and filling it in, with the message as the phone will show it. */
import { Alert, Badge, Button, Group, Loader, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, LayoutTemplate, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { ProblemAlert } from "@/ui/Problem";
import { numbersQuery, templatesQuery } from "../queries";
import { FilledPart } from "../thread/TemplatePart";
import { inLanguage } from "../words";
import classes from "./Composer.module.css";
import type { Content } from "./outbox";
import { components, filled, gaps, purposeOf, type Gap, type Template } from "./templates";

interface TemplateModalProps {
  isOpen: boolean;
  conversation: Schemas["ConversationDetail"];
  onClose: () => void;
  onSend: (content: Content) => void;
}

export function TemplateModal({ isOpen, onClose, ...more }: TemplateModalProps) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={isOpen} onClose={onClose} size="lg" title={t("template.choose")} closeButtonProps={{ "aria-label": t("close") }}>
      {isOpen && <TemplatePicker {...more} />}
    </Modal>
  );
}

/** The approved templates to choose from, and then the gaps of the chosen one. */
export function TemplatePicker({ conversation, onSend }: Omit<TemplateModalProps, "isOpen" | "onClose">) {
  const { t, i18n } = useTranslation("inbox");
  const org = useOrg();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<Template | null>(null);
  const account = useQuery(numbersQuery(org)).data?.find((one) => one.id === conversation.number_id)?.account_id;
  const { data, error, isPending } = useQuery({ ...templatesQuery(org, account ?? ""), enabled: Boolean(account) });
  if (chosen) return <Fill template={chosen} conversation={conversation} onSend={onSend} onBack={() => setChosen(null)} />;
  if (error) return <ProblemAlert error={error} />;
  if (isPending) return <Loader aria-label={t("loading", { ns: "app" })} />;
  const approved = data.filter((one) => one.status === "APPROVED");
  if (approved.length === 0) {
    return (
      <EmptyState icon={LayoutTemplate} title={t("template.none")}>
        {t("template.noneDetail")}
      </EmptyState>
    );
  }
  const fits = (one: Template) =>
    `${one.name.replaceAll("_", " ")} ${one.name} ${filled(one, {}).body}`.toLowerCase().includes(words.toLowerCase());
  // In the customer's language, or else the person's, first.
  const wished = conversation.contact.language ?? i18n.language;
  const isWished = (one: Template) => Number(one.language.startsWith(wished.slice(0, 2)));
  const shown = approved.filter(fits).sort((a, b) => isWished(b) - isWished(a) || a.name.localeCompare(b.name));
  return (
    <Stack>
      <TextInput
        aria-label={t("template.search")}
        placeholder={t("template.search")}
        leftSection={<Search size={16} aria-hidden />}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        data-autofocus
      />
      <div className={classes.templates}>
        {shown.map((one) => {
          const verdict = conversation.may_send[purposeOf(one)];
          const isRefused = verdict.verdict === "refuse";
          return (
            <UnstyledButton key={one.id} className={classes.template} onClick={() => setChosen(one)} disabled={isRefused}>
              <Group gap="xs" mb={2}>
                <Text size="sm" fw={600}>
                  {one.name}
                </Text>
                <Badge size="sm" variant="default">
                  {one.language}
                </Badge>
                <Badge size="sm" variant="light" color="gray" autoContrast>
                  {t(`template.category.${purposeOf(one)}`)}
                </Badge>
              </Group>
              <Text size="sm" c="dimmed" lineClamp={2}>
                {isRefused ? inLanguage(verdict.explanation, i18n.language) : filled(one, {}).body}
              </Text>
            </UnstyledButton>
          );
        })}
      </div>
      {shown.length === 0 && <Text size="sm">{t("template.notFound")}</Text>}
    </Stack>
  );
}

interface FillProps {
  template: Template;
  conversation: Schemas["ConversationDetail"];
  onSend: (content: Content) => void;
  onBack: () => void;
}

function Fill({ template, conversation, onSend, onBack }: FillProps) {
  const { t, i18n } = useTranslation("inbox");
  const asked = gaps(template);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [isTried, setTried] = useState(false);
  const verdict = conversation.may_send[purposeOf(template)];
  const problem = (gap: Gap) => {
    const value = (values[gap.id] ?? "").trim();
    if (value === "") return t("template.needed");
    if (gap.kind === "location") return /^-?\d+(\.\d+)?\s*,\s*-?\d+(\.\d+)?$/.test(value) ? null : t("template.place");
    if (gap.kind === "text" || gap.kind === "code") return /[\n\t]/.test(value) ? t("template.oneLine") : null;
    return /^https:\/\/\S+$/.test(value) ? null : t("template.link");
  };
  const send = () => {
    setTried(true);
    if (asked.some(problem)) return;
    onSend({ type: "template", name: template.name, language: template.language, components: components(template, values) });
  };
  const label = (gap: Gap) => {
    if (gap.part === "button") return t("template.gap.button", { name: gap.name });
    if (gap.kind !== "text") return t(`template.gap.${gap.kind}`);
    return t(gap.part === "header" ? "template.gap.header" : "template.gap.body", { name: gap.name });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack>
        <Group>
          <Button variant="subtle" size="compact-sm" leftSection={<ArrowLeft size={14} aria-hidden />} onClick={onBack}>
            {t("template.others")}
          </Button>
          <Text size="sm" fw={600}>
            {template.name} · {template.language}
          </Text>
        </Group>
        {verdict.verdict === "wait" && <Alert color="yellow">{inLanguage(verdict.explanation, i18n.language)}</Alert>}
        {asked.map((gap, at) => (
          <TextInput
            key={gap.id}
            label={label(gap)}
            placeholder={gap.example ? t("template.example", { example: gap.example }) : undefined}
            description={gap.kind === "location" ? t("template.placeHint") : gap.kind === "text" || gap.kind === "code" ? undefined : t("template.linkHint")}
            value={values[gap.id] ?? ""}
            error={isTried ? problem(gap) : undefined}
            data-autofocus={at === 0 || undefined}
            onChange={(event) => setValues({ ...values, [gap.id]: event.currentTarget.value })}
          />
        ))}
        <div className={classes.phone} role="img" aria-label={t("template.preview")}>
          <div className={classes.phoneBubble}>
            <FilledPart filled={filled(template, values)} />
          </div>
        </div>
        <Group justify="flex-end">
          <Button type="submit">{t("template.send")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
