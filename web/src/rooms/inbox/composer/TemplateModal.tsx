/** Choosing a template and filling it in, with the message as the phone will show it. */
import { Alert, Badge, Button, Group, Loader, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Ban, LayoutTemplate, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { accountsQuery, useCheck } from "@/rooms/onboarding/queries";
import { EmptyState } from "@/ui/EmptyState";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { numbersQuery, templatesQuery } from "../queries";
import { PhonePreview } from "../thread/PhonePreview";
import { inLanguage } from "../words";
import classes from "./Composer.module.css";
import type { Content } from "./outbox";
import { components, filled, gaps, purposeOf, refusal, type Gap, type Template } from "./templates";

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

/** The templates to choose from, those that may not be sent last and with the reason; then the gaps of the chosen one. */
export function TemplatePicker({ conversation, onSend }: Omit<TemplateModalProps, "isOpen" | "onClose">) {
  const { t, i18n } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay();
  const languageName = useLanguageName();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<Template | null>(null);
  const account = useQuery(numbersQuery(org)).data?.find((one) => one.id === conversation.number_id)?.account_id;
  const { data, error, isPending } = useQuery({ ...templatesQuery(org, account ?? ""), enabled: Boolean(account) });
  const accounts = useQuery({ ...accountsQuery(org), enabled: may("connections.read") });
  const unpaid = accounts.data?.items.find((one) => one.id === account)?.funded === false;
  if (chosen) return <Fill template={chosen} conversation={conversation} onSend={onSend} onBack={() => setChosen(null)} />;
  if (error) return <ProblemAlert error={error} />;
  if (isPending) return <Loader aria-label={t("loading", { ns: "app" })} />;
  if (data.length === 0) {
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
  const why = (one: Template) => refusal(one, conversation.may_send);
  const rank = (one: Template) => 2 * Number(why(one) === null) + isWished(one);
  const shown = data.filter(fits).sort((a, b) => rank(b) - rank(a) || a.name.localeCompare(b.name));
  return (
    <Stack>
      {unpaid && account && <Unpaid account={account} />}
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
          const refused = why(one);
          return (
            <UnstyledButton key={one.id} className={classes.template} onClick={() => setChosen(one)} disabled={refused !== null}>
              <Group gap="xs" mb={2}>
                <Text size="sm" fw={600}>
                  {one.name}
                </Text>
                <Badge size="sm" variant="default">
                  {languageName(one.language)}
                </Badge>
                <Badge size="sm" variant="light" color="gray" autoContrast>
                  {t(`template.category.${purposeOf(one)}`)}
                </Badge>
              </Group>
              <Text size="sm" c="dimmed" lineClamp={2}>
                {filled(one, {}).body}
              </Text>
              {refused && (
                <Group gap={6} mt={4} wrap="nowrap" align="flex-start" className={classes.refused}>
                  <Ban size={14} aria-hidden />
                  <Text size="xs">{typeof refused === "string" ? t(`template.refused.${refused}`) : inLanguage(refused, i18n.language)}</Text>
                </Group>
              )}
            </UnstyledButton>
          );
        })}
      </div>
      {shown.length === 0 && <Text size="sm">{t("template.notFound")}</Text>}
    </Stack>
  );
}

/** Nobody pays Meta for templates; or somebody does since a moment, and it was not looked at since. */
function Unpaid({ account }: { account: string }) {
  const { t } = useTranslation("inbox");
  const may = useMay();
  const check = useCheck(account);
  return (
    <Notice tone="warn" title={t("template.unpaid")}>
      <Text size="sm">{t("template.unpaidDetail")}</Text>
      <ProblemAlert error={check.error} mt="xs" />
      {may("connections.write") && (
        <Button size="compact-sm" variant="default" mt="xs" loading={check.isPending} onClick={() => check.mutate()}>
          {t("template.check")}
        </Button>
      )}
    </Notice>
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
  const languageName = useLanguageName();
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
  const hint = (gap: Gap) => {
    if (gap.kind === "location") return t("template.placeHint");
    if (gap.kind !== "text" && gap.kind !== "code") return t("template.linkHint");
    return gap.example ? t("template.example", { example: gap.example }) : undefined;
  };
  const label = (gap: Gap) => {
    if (gap.part === "button") return t("template.gap.button", { name: gap.name });
    if (gap.kind !== "text") return t(`template.gap.${gap.kind}`);
    return t(gap.part === "header" ? "template.gap.header" : "template.gap.body", { name: `{{${gap.name}}}` });
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
            {template.name} · {languageName(template.language)}
          </Text>
        </Group>
        {verdict.verdict === "wait" && <Alert color="yellow">{inLanguage(verdict.explanation, i18n.language)}</Alert>}
        {asked.map((gap, at) => (
          <TextInput
            key={gap.id}
            label={label(gap)}
            description={hint(gap)}
            value={values[gap.id] ?? ""}
            error={isTried ? problem(gap) : undefined}
            data-autofocus={at === 0 || undefined}
            onChange={(event) => setValues({ ...values, [gap.id]: event.currentTarget.value })}
          />
        ))}
        <PhonePreview label={t("template.preview")} filled={filled(template, values)} />
        <Group justify="flex-end">
          <Button type="submit">{t("template.send")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
