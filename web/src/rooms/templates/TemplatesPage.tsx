/** All templates of an organisation, and those that are being written. */
import { Anchor, Badge, Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { LayoutTemplate, LibraryBig, Plus, Search } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { accountsQuery } from "@/rooms/onboarding/queries";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { PagePending } from "@/ui/PageStates";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { draftsQuery, NO_FILTER, rulesQuery, templatesQuery, useFreshTemplates, type Draft, type Filter, type Template } from "./queries";
import { StateBadge } from "./StateBadge";
import { useLanguageChoices } from "./useLanguageChoices";
import { CATEGORIES, known, QUALITIES, STATES } from "./words";

export function TemplatesPage() {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const mayWrite = useMay()("templates.write");
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [wanted] = useDebouncedValue(filter, 250);
  useFreshTemplates();
  return (
    <Page
      title={t("title")}
      about={t("about")}
      actions={
        <>
          <Button component={Link} to={`/o/${slug}/templates/library`} variant="default" leftSection={<LibraryBig size={16} aria-hidden />}>
            {t("library.title")}
          </Button>
          {mayWrite && (
            <Button component={Link} to={`/o/${slug}/templates/new`} leftSection={<Plus size={16} aria-hidden />}>
              {t("new.title")}
            </Button>
          )}
        </>
      }
    >
      <Stack>
        <Drafts />
        <Filters filter={filter} onChange={setFilter} />
        <Suspense fallback={<PagePending />}>
          <Found filter={wanted} />
        </Suspense>
      </Stack>
    </Page>
  );
}

function Drafts() {
  const { t } = useTranslation("templates");
  const { data } = useSuspenseQuery(draftsQuery(useOrg()));
  if (data.items.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t("drafts.title")}
      </Title>
      <Rows label={t("drafts.title")}>
        {data.items.map((draft) => (
          <DraftRow key={draft.id} draft={draft} />
        ))}
      </Rows>
    </Stack>
  );
}

function DraftRow({ draft }: { draft: Draft }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const languageName = useLanguageName();
  const category = known(CATEGORIES, draft.category);
  return (
    <Row
      title={
        <Anchor component={Link} to={`/o/${slug}/templates/drafts/${draft.id}`} c="inherit" fw={600}>
          {draft.name || t("drafts.unnamed")}
        </Anchor>
      }
      facts={
        <Facts>
          {[languageName(draft.language), category && t(`category.${category}`), draft.template_id && t("drafts.change"), <Time key="at" at={draft.updated_at} />]}
        </Facts>
      }
      actions={
        <Badge variant="light" color={draft.state === "refused" ? "red" : draft.state === "submitting" ? "yellow" : "gray"} autoContrast>
          {t(`drafts.state.${draft.state}`)}
        </Badge>
      }
    />
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation("templates");
  const org = useOrg();
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const { data: rules } = useSuspenseQuery(rulesQuery(org));
  const languages = useLanguageChoices(rules.languages);
  const set = (change: Partial<Filter>) => onChange({ ...filter, ...change });
  const choose = (name: Exclude<keyof Filter, "words">, data: { value: string; label: string }[], searchable = false) => (
    <Select
      aria-label={t(`filter.${name}`)}
      placeholder={t(`filter.${name}`)}
      data={data}
      value={filter[name] || null}
      onChange={(value) => set({ [name]: value ?? "" })}
      clearable
      searchable={searchable}
      w={{ base: "100%", xs: 170 }}
    />
  );
  return (
    <Group gap="xs" role="search" aria-label={t("filter.title")}>
      <TextInput
        aria-label={t("filter.words")}
        placeholder={t("filter.words")}
        leftSection={<Search size={16} aria-hidden />}
        value={filter.words}
        onChange={(event) => set({ words: event.currentTarget.value })}
        w={{ base: "100%", xs: 200 }}
      />
      {choose("status", STATES.map((value) => ({ value, label: t(`state.${value}`) })))}
      {choose("category", CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) })))}
      {choose("language", languages, true)}
      {choose("quality", QUALITIES.map((value) => ({ value, label: t(`quality.${value}`) })))}
      {accounts.items.length > 1 && choose("account", accounts.items.map(({ id, name }) => ({ value: id, label: name })))}
    </Group>
  );
}

function Found({ filter }: { filter: Filter }) {
  const { t } = useTranslation("templates");
  const { items, more } = usePaged(templatesQuery(useOrg(), filter));
  if (items.length === 0) {
    return (
      <EmptyState icon={LayoutTemplate} title={t("none.title")}>
        {t("none.detail")}
      </EmptyState>
    );
  }
  return (
    <>
      <Rows label={t("title")}>
        {items.map((template) => (
          <TemplateRow key={template.id} template={template} />
        ))}
      </Rows>
      {more}
    </>
  );
}

function TemplateRow({ template }: { template: Template }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const languageName = useLanguageName();
  const category = known(CATEGORIES, template.category);
  const quality = known(QUALITIES, template.quality);
  const coming = known(CATEGORIES, template.coming_category);
  return (
    <Row
      title={
        <Anchor component={Link} to={`/o/${slug}/templates/${template.id}`} c="inherit" fw={600}>
          {template.name}
        </Anchor>
      }
      facts={
        <Facts>
          {[
            languageName(template.language),
            category ? t(`category.${category}`) : template.category,
            quality && quality !== "UNKNOWN" && t(`quality.${quality}`),
          ]}
        </Facts>
      }
      actions={<StateBadge status={template.status} />}
    >
      {coming && (
        <Text size="sm" c="dimmed">
          {t("coming", { category: t(`category.${coming}`) })}
        </Text>
      )}
    </Row>
  );
}
