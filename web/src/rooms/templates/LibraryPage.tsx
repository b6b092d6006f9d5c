/** Meta's library of written templates, to begin from. */
import { Button, Group, Loader, Modal, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LibraryBig, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useMembership, useOrg } from "@/app/session";
import { filled } from "@/rooms/inbox/composer/templates";
import { PhonePreview } from "@/rooms/inbox/thread/PhonePreview";
import { accountsQuery } from "@/rooms/onboarding/queries";
import { EmptyState } from "@/ui/EmptyState";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { beginDraft, libraryQuery, rulesQuery, useDraftDeed } from "./queries";
import { useLanguageChoices } from "./useLanguageChoices";

type Written = Schemas["LibraryTemplate"];

/** The parts that a template of the library will have. */
function partsOf(written: Written): Record<string, never>[] {
  const gaps = written.examples.length > 0 ? { example: { body_text: [written.examples] } } : {};
  const parts = [
    ...(written.header ? [{ type: "HEADER", format: "TEXT", text: written.header }] : []),
    { type: "BODY", text: written.body, ...gaps },
    ...(written.buttons.length > 0 ? [{ type: "BUTTONS", buttons: written.buttons }] : []),
  ];
  return parts as unknown as Record<string, never>[];
}

export function LibraryPage() {
  const { t, i18n } = useTranslation("templates");
  const { slug } = useMembership();
  const org = useOrg();
  const mayWrite = useMay()("templates.write");
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const { data: rules } = useSuspenseQuery(rulesQuery(org));
  const languages = useLanguageChoices(rules.languages);
  const [account, setAccount] = useState(accounts.items[0]?.id ?? "");
  const [language, setLanguage] = useState(i18n.language === "id" ? "id" : "en_US");
  const [words, setWords] = useState("");
  const [search] = useDebouncedValue(words, 300);
  const [chosen, setChosen] = useState<Written | null>(null);
  const { data, error, isPending } = useQuery({ ...libraryQuery(org, account, search, language), enabled: account !== "" });
  return (
    <Page title={t("library.title")} about={t("library.about")} up={{ to: `/o/${slug}/templates`, label: t("title") }}>
      <Stack>
        <Group gap="xs">
          <TextInput
            aria-label={t("library.search")}
            placeholder={t("library.search")}
            leftSection={<Search size={16} aria-hidden />}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <Select
            aria-label={t("filter.language")}
            data={languages}
            value={language}
            onChange={(value) => setLanguage(value ?? "")}
            searchable
            clearable
          />
          {accounts.items.length > 1 && (
            <Select
              aria-label={t("filter.account")}
              data={accounts.items.map(({ id, name }) => ({ value: id, label: name }))}
              value={account}
              onChange={(value) => setAccount(value ?? account)}
            />
          )}
        </Group>
        <ProblemAlert error={error} />
        {account === "" && <Text>{t("new.noAccount")}</Text>}
        {isPending && account !== "" && <Loader aria-label={t("loading", { ns: "app" })} />}
        {data?.items.length === 0 && (
          <EmptyState icon={LibraryBig} title={t("library.none")}>
            {t("library.noneDetail")}
          </EmptyState>
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {data?.items.map((written) => (
            <Stack key={`${written.name} ${written.language ?? ""}`} gap="xs">
              <PhonePreview label={written.name} filled={filled({ components: partsOf(written) }, {})} />
              <Group justify="space-between" wrap="nowrap">
                <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
                  {written.name}
                </Text>
                {mayWrite && (
                  <Button size="xs" variant="default" onClick={() => setChosen(written)} aria-label={t("library.useNamed", { name: written.name })}>
                    {t("library.use")}
                  </Button>
                )}
              </Group>
            </Stack>
          ))}
        </SimpleGrid>
      </Stack>
      <Modal opened={chosen !== null} onClose={() => setChosen(null)} title={t("library.use")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        {chosen && <Use written={chosen} account={account} />}
      </Modal>
    </Page>
  );
}

/** Asks what the library leaves open: a name of one's own, and where its button leads. */
function Use({ written, account }: { written: Written; account: string }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const [name, setName] = useState(written.name);
  const [url, setUrl] = useState("https://");
  const begin = useDraftDeed(beginDraft);
  const hasLink = written.buttons.some((button) => (button as { type?: unknown }).type === "URL");
  const send = () => {
    const example = url.replace(/\{\{.*\}\}$/, "1");
    const buttons = hasLink ? [{ type: "URL", url: { base_url: url, url_suffix_example: example } }] : [];
    const body: Schemas["TemplateContent"] = {
      account_id: account,
      name,
      language: written.language ?? "en_US",
      category: "UTILITY",
      parameter_format: "POSITIONAL",
      components: partsOf(written),
      library: { name: written.name, buttons: buttons as unknown as Record<string, never>[] },
    };
    begin.mutate(body, { onSuccess: (draft) => void navigate({ to: `/o/${slug}/templates/drafts/${draft.id}` }) });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack>
        <ProblemAlert error={begin.error} />
        <TextInput label={t("editor.name")} description={t("editor.nameHint")} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        {hasLink && <TextInput label={t("library.url")} description={t("library.urlHint", { gap: "{{1}}" })} value={url} onChange={(event) => setUrl(event.currentTarget.value)} />}
        <FormActions send={t("library.begin")} pending={begin.isPending} />
      </Stack>
    </form>
  );
}
