/** Beginning a template: what kind it is, for which account and in which language. */
import { Group, Radio, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { accountsQuery } from "@/rooms/onboarding/queries";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { contentOf, newButton, newCard, type Editing } from "./editing";
import { beginDraft, rulesQuery, useDraftDeed } from "./queries";
import { useLanguageChoices } from "./useLanguageChoices";

const KINDS = ["utility", "marketing", "code", "offer", "carousel"] as const;
type Kind = (typeof KINDS)[number];

/** An empty template of a kind. */
function empty(kind: Kind, account: string, language: string): Editing {
  const header = { kind: kind === "offer" ? ("IMAGE" as const) : ("NONE" as const), text: "", sample: "" };
  return {
    account,
    name: "",
    language,
    category: kind === "code" ? "AUTHENTICATION" : kind === "utility" ? "UTILITY" : "MARKETING",
    header,
    body: "",
    footer: "",
    offer: kind === "offer" ? "" : null,
    buttons: kind === "offer" ? [newButton("COPY_CODE"), newButton("URL")] : [],
    cards: kind === "carousel" ? [newCard(), newCard()] : null,
    code: { advice: true, minutes: 10, kind: "COPY_CODE", packageName: "", signature: "", terms: false },
    examples: {},
    ttl: null,
  };
}

export function NewTemplatePage() {
  const { t, i18n } = useTranslation("templates");
  const { slug } = useMembership();
  const org = useOrg();
  const navigate = useNavigate();
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const { data: rules } = useSuspenseQuery(rulesQuery(org));
  const languages = useLanguageChoices(rules.languages);
  const [kind, setKind] = useState<Kind>("utility");
  const [account, setAccount] = useState(accounts.items[0]?.id ?? "");
  const [language, setLanguage] = useState(i18n.language === "id" ? "id" : "en");
  const begin = useDraftDeed(beginDraft);
  const there = `/o/${slug}/templates`;
  const send = () =>
    begin.mutate(contentOf(empty(kind, account, language)), {
      onSuccess: (draft) => void navigate({ to: `${there}/drafts/${draft.id}` }),
    });
  return (
    <Page title={t("new.title")} about={t("new.about")} up={{ to: there, label: t("title") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Stack>
          <ProblemAlert error={begin.error} />
          {accounts.items.length === 0 && <Text>{t("new.noAccount")}</Text>}
          <Radio.Group label={t("new.kind")} value={kind} onChange={(value) => setKind(value)}>
            <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs">
              {KINDS.map((one) => (
                <Radio.Card key={one} value={one} p="md" radius="md">
                  <Group wrap="nowrap" align="flex-start" gap="sm">
                    <Radio.Indicator mt={2} />
                    <Stack gap={2}>
                      <Text fw={600}>{t(`new.kinds.${one}`)}</Text>
                      <Text size="sm" c="dimmed">
                        {t(`new.about_.${one}`)}
                      </Text>
                    </Stack>
                  </Group>
                </Radio.Card>
              ))}
            </SimpleGrid>
          </Radio.Group>
          {accounts.items.length > 1 && (
            <Select
              label={t("filter.account")}
              data={accounts.items.map(({ id, name }) => ({ value: id, label: name }))}
              value={account}
              onChange={(value) => setAccount(value ?? account)}
              allowDeselect={false}
            />
          )}
          <Select
            label={t("filter.language")}
            data={languages}
            value={language}
            onChange={(value) => setLanguage(value ?? language)}
            searchable
            allowDeselect={false}
          />
          <FormActions send={t("new.begin")} pending={begin.isPending} disabled={account === ""} onCancel={() => void navigate({ to: there })} />
        </Stack>
      </form>
    </Page>
  );
}
