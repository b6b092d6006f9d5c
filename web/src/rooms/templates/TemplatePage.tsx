/** A template: how it looks, how it stands with Meta, what happened to it, what it costs, and what can be done with it. */
import { Anchor, Badge, Button, Grid, Group, List, Modal, Select, Stack, Table, Text, TextInput, Timeline } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Copy, Pencil, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useMay, useMembership, useOrg } from "@/app/session";
import { dayName } from "@/i18n/dayName";
import { useLanguageName } from "@/i18n/languageName";
import { useSay } from "@/i18n/sentence";
import { filled, gaps } from "@/rooms/inbox/composer/templates";
import { PhonePreview } from "@/rooms/inbox/thread/PhonePreview";
import { accountsQuery } from "@/rooms/onboarding/queries";
import { Confirm, ConfirmButton } from "@/ui/ConfirmButton";
import { FormActions } from "@/ui/FormActions";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import {
  duplicateTemplate,
  editTemplate,
  removeTemplate,
  rulesQuery,
  templateQuery,
  templatesKey,
  unpauseTemplate,
  useDraftDeed,
  useFreshTemplates,
  waitingQuery,
  type Detail,
  type Template,
} from "./queries";
import { StateBadge } from "./StateBadge";
import { useLanguageChoices } from "./useLanguageChoices";
import { CATEGORIES, known, QUALITIES, STATES } from "./words";

export function TemplatePage() {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const { template: id } = useParams({ from: "/signed-in/o/$org/templates/$template" });
  const { data } = useSuspenseQuery(templateQuery(useOrg(), id));
  useFreshTemplates();
  const { template } = data;
  const category = known(CATEGORIES, template.category);
  const quality = known(QUALITIES, template.quality);
  const languageName = useLanguageName();
  const examples = Object.fromEntries(gaps(template).map((gap) => [gap.id, gap.example]));
  return (
    <Page
      title={template.name}
      about={
        <Group component="span" gap="xs">
          <StateBadge status={template.status} />
          <Badge variant="default">{languageName(template.language)}</Badge>
          <Badge variant="default">
            {category ? t(`category.${category}`) : template.category}
          </Badge>
          {quality && quality !== "UNKNOWN" && (
            <Badge variant="default">
              {t(`quality.${quality}`)}
            </Badge>
          )}
        </Group>
      }
      up={{ to: `/o/${slug}/templates`, label: t("title") }}
      actions={<Deeds detail={data} />}
      width={1180}
    >
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <Standing detail={data} />
            <Waiting detail={data} />
            <Costs detail={data} />
            <History detail={data} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <PhonePreview label={t("editor.preview")} filled={filled(template, examples)} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

/** What its state means, and why. */
function Standing({ detail: { template, state, rejection, notice } }: { detail: Detail }) {
  const { t } = useTranslation("templates");
  const say = useSay();
  const coming = known(CATEGORIES, template.coming_category);
  const words = notice?.recommendation ?? notice?.description;
  return (
    <>
      {state && (
        <Notice tone={template.status === "PENDING" ? "wait" : "warn"} title={say(rejection ?? state)}>
          {rejection && <Text size="sm">{say(state)}</Text>}
          {words && (
            <Text size="sm" c="dimmed">
              {t("metaSays", { words })}
            </Text>
          )}
        </Notice>
      )}
      {coming && (
        <Notice tone="warn" title={t("coming", { category: t(`category.${coming}`) })}>
          <Text size="sm">
            {t("comingDetail")} {template.category_changes_at != null && <Time at={template.category_changes_at} />}
          </Text>
        </Notice>
      )}
    </>
  );
}

/** The messages that wait for it, where they can be seen. */
function Waiting({ detail: { template, waiting } }: { detail: Detail }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const mayRead = useMay()("inbox.read");
  const { data } = useQuery({ ...waitingQuery(useOrg(), template.id), enabled: mayRead && waiting > 0 });
  if (waiting === 0) return null;
  return (
    <Section title={t("waiting.title", { count: waiting })} about={t("waiting.about")}>
      <List size="sm">
        {data?.items.map((message) => (
          <List.Item key={message.message_id}>
            <Anchor component={Link} to={`/o/${slug}/inbox/${message.conversation_id}`}>
              {message.contact}
            </Anchor>{" "}
            <Time at={message.at} />
          </List.Item>
        ))}
      </List>
    </Section>
  );
}

/** What a message costs as it is filed, was filed, and will be. */
function Costs({ detail: { prices } }: { detail: Detail }) {
  const { t, i18n } = useTranslation("templates");
  const money = (millionths: number | null | undefined) =>
    millionths == null
      ? "–"
      : new Intl.NumberFormat(i18n.language, { style: "currency", currency: prices.currency, minimumFractionDigits: 4 }).format(millionths / 1_000_000);
  const has = (name: "before" | "coming") => prices.markets.some((market) => market[name] != null);
  return (
    <Section title={t("prices.title")} about={t("prices.about", { since: dayName(prices.since, i18n.language) })}>
      {prices.markets.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("prices.market")}</Table.Th>
              {has("before") && <Table.Th>{t("prices.before")}</Table.Th>}
              <Table.Th>{t("prices.now")}</Table.Th>
              {has("coming") && <Table.Th>{t("prices.coming")}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {prices.markets.map((market) => (
              <Table.Tr key={market.market}>
                <Table.Td>{market.market}</Table.Td>
                {has("before") && <Table.Td>{money(market.before)}</Table.Td>}
                <Table.Td>{money(market.now)}</Table.Td>
                {has("coming") && <Table.Td>{money(market.coming)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {(prices.incomplete || prices.markets.length === 0) && <Text size="sm">{t("prices.unknown")}</Text>}
    </Section>
  );
}

function History({ detail: { history } }: { detail: Detail }) {
  const { t } = useTranslation("templates");
  const say = useSay();
  const may = useMay()("members.read");
  const { data: members } = useQuery({ ...membersQuery(useOrg()), enabled: may });
  const who = (author: string | null | undefined) => {
    if (author == null) return t("history.meta");
    const [kind, id] = author.split(":");
    const member = kind === "member" && members?.find((one) => one.id === id);
    return member ? member.name : t(kind === "key" ? "history.key" : "history.member");
  };
  const inWords = (kind: Schemas["TemplateEventKind"], word: string | null | undefined) => {
    const state = kind === "status" && known(STATES, word);
    if (state) return t(`state.${state}`);
    const category = (kind === "category" || kind === "category_coming") && known(CATEGORIES, word);
    if (category) return t(`category.${category}`);
    const quality = kind === "quality" && known(QUALITIES, word);
    return quality ? t(`quality.${quality}`) : (word ?? "–");
  };
  const what = (entry: Schemas["TemplateHistoryEntry"]) =>
    t(`history.kinds.${entry.kind}`, { before: inWords(entry.kind, entry.before), after: inWords(entry.kind, entry.after) });
  return (
    <Section title={t("history.title")}>
      {history.length === 0 ? (
        <Text c="dimmed">{t("history.none")}</Text>
      ) : (
        <Timeline bulletSize={12} lineWidth={2}>
          {history.map((entry) => (
            <Timeline.Item key={entry.id} title={what(entry)}>
              {entry.says && <Text size="sm">{say(entry.says)}</Text>}
              {entry.recommendation && (
                <Text size="sm" c="dimmed">
                  {t("metaSays", { words: entry.recommendation })}
                </Text>
              )}
              <Text size="xs" c="dimmed">
                {who(entry.author)} · <Time at={entry.at} />
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Section>
  );
}

/** What can be done with it. */
function Deeds({ detail }: { detail: Detail }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayWrite = useMay()("templates.write");
  const edit = useDraftDeed(editTemplate);
  const [duplicates, duplicate] = useDisclosure();
  const [removes, remove] = useDisclosure();
  const { template, next_edit_at: next } = detail;
  if (!mayWrite) return null;
  const toDraft = (draft: { id: string }) => void navigate({ to: `/o/${slug}/templates/drafts/${draft.id}` });
  const isEditable = ["APPROVED", "REJECTED", "PAUSED"].includes(template.status) && next == null;
  const fresh = () => queries.invalidateQueries({ queryKey: templatesKey(org) });
  return (
    <Stack gap={4} align="flex-end">
      <Group gap="xs">
        {template.status === "PAUSED" && (
          <ConfirmButton
            size="sm"
            title={t("unpause.title")}
            effect={t("unpause.effect")}
            confirm={t("unpause.button")}
            leftSection={<Play size={16} aria-hidden />}
            onConfirm={async () => {
              await unpauseTemplate(org, template.id);
              await fresh();
            }}
          >
            {t("unpause.button")}
          </ConfirmButton>
        )}
        <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} disabled={!isEditable} loading={edit.isPending} onClick={() => edit.mutate(template.id, { onSuccess: toDraft })}>
          {t("edit")}
        </Button>
        <Button variant="default" leftSection={<Copy size={16} aria-hidden />} onClick={duplicate.open}>
          {t("duplicate.button")}
        </Button>
        <Button variant="default" leftSection={<Trash2 size={16} aria-hidden />} disabled={template.status === "DISABLED"} onClick={remove.open}>
          {t("remove.button")}
        </Button>
      </Group>
      {next != null && (
        <Text size="xs" c="dimmed">
          {t("editNext")} <Time at={next} />
        </Text>
      )}
      <ProblemAlert error={edit.error} />
      <Modal opened={duplicates} onClose={duplicate.close} title={t("duplicate.title")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        {duplicates && <DuplicateForm template={template} onDone={toDraft} />}
      </Modal>
      <RemoveDialog
        opened={removes}
        onClose={remove.close}
        template={template}
        onDone={async () => {
          await navigate({ to: `/o/${slug}/templates` });
          await fresh();
        }}
      />
    </Stack>
  );
}

function DuplicateForm({ template, onDone }: { template: Template; onDone: (draft: { id: string }) => void }) {
  const { t } = useTranslation("templates");
  const org = useOrg();
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const { data: rules } = useSuspenseQuery(rulesQuery(org));
  const [language, setLanguage] = useState(template.language);
  const [account, setAccount] = useState(template.account_id);
  const [name, setName] = useState(template.name);
  const deed = useDraftDeed(duplicateTemplate);
  const languages = useLanguageChoices(rules.languages);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate({ template: template.id, account_id: account, language, name }, { onSuccess: onDone });
      }}
    >
      <Stack>
        <Text size="sm">{t("duplicate.about")}</Text>
        <ProblemAlert error={deed.error} />
        <Select
          label={t("filter.language")}
          data={languages}
          value={language}
          onChange={(value) => value && setLanguage(value)}
          searchable
          allowDeselect={false}
          data-autofocus
        />
        {accounts.items.length > 1 && (
          <Select
            label={t("filter.account")}
            data={accounts.items.map(({ id, name: word }) => ({ value: id, label: word }))}
            value={account}
            onChange={(value) => value && setAccount(value)}
            allowDeselect={false}
          />
        )}
        <TextInput label={t("editor.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <FormActions send={t("duplicate.begin")} pending={deed.isPending} />
      </Stack>
    </form>
  );
}

interface RemoveDialogProps {
  opened: boolean;
  onClose: () => void;
  template: Template;
  onDone: () => Promise<unknown>;
}

function RemoveDialog({ opened, onClose, template, onDone }: RemoveDialogProps) {
  const { t } = useTranslation("templates");
  const org = useOrg();
  const { data: rules } = useSuspenseQuery(rulesQuery(org));
  const [scope, setScope] = useState<"one" | "all">("one");
  const languageName = useLanguageName();
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t("remove.title", { name: template.name })}
      effect={
        <Stack gap="xs">
          <List size="sm">
            <List.Item>{t("remove.gone")}</List.Item>
            {template.status === "APPROVED" && <List.Item>{t("remove.blocked", { days: rules.name_blocked_days })}</List.Item>}
          </List>
          <Select
            label={t("remove.which")}
            data={[
              { value: "one", label: t("remove.one", { language: languageName(template.language) }) },
              { value: "all", label: t("remove.all") },
            ]}
            value={scope}
            onChange={(value) => setScope(value === "all" ? "all" : "one")}
            allowDeselect={false}
          />
        </Stack>
      }
      confirm={t("remove.button")}
      danger
      onConfirm={async () => {
        await removeTemplate(org, template.id, scope === "all");
        await onDone();
      }}
    />
  );
}
