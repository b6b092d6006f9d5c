/** Where people find a form: its page, its QR code, a page of one's own. */
import { Anchor, Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Copyable } from "@/ui/Secret";
import { Section } from "@/ui/Section";
import { QrPictures } from "./QrPictures";
import type { Form, FormWording, FormWords } from "./queries";

export function ShareForm({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const org = useOrg();
  const [mode, setMode] = useState("form");
  if (!form.version || form.status === "archived") {
    return (
      <EmptyState icon={ExternalLink} title={t("share.notYet")}>
        {t("share.notYetDetail")}
      </EmptyState>
    );
  }
  return (
    <Stack>
      <Section title={t("share.page")} about={t("share.pageAbout")}>
        <Copyable label={t("share.address")} value={form.url} />
        <Group align="flex-start">
          <QrPictures name={form.name} value={form.url} pictures={`/api/v1/orgs/${org}/forms/${form.id}/qr`} place={sheet(form.version.wording)} />
          <Button component="a" href={form.url} target="_blank" rel="noopener" variant="default" rightSection={<ExternalLink size={16} aria-hidden />}>
            {t("share.open")}
          </Button>
        </Group>
      </Section>
      <Section title={t("share.embed")} about={t("share.embedAbout")}>
        <SegmentedControl
          value={mode}
          onChange={setMode}
          aria-label={t("share.embed")}
          data={[
            { value: "form", label: t("share.whole") },
            { value: "checkbox", label: t("share.ticks") },
          ]}
        />
        <Text size="sm" c="dimmed">
          {t(mode === "form" ? "share.wholeHint" : "share.ticksHint")}
        </Text>
        <Copyable label={t("share.code")} value={embed(form.widget_url, mode)} />
        <Text size="sm">{form.settings.origins.length > 0 ? t("share.origins", { sites: form.settings.origins.join(", ") }) : t("share.noOrigins")}</Text>
      </Section>
      <Section title={t("share.api")} about={t("share.apiAbout")}>
        <Copyable label={t("share.call")} value={call(org, form.id)} />
        <Anchor href="/api/docs" target="_blank">
          {t("share.docs")}
        </Anchor>
      </Section>
    </Stack>
  );
}

/** What a printed sheet says: the form's own words, with what is agreed to. */
function sheet({ business, purposes, en, id }: FormWording) {
  const said = (words: FormWords) => ({
    heading: words.title,
    text: [words.intro, ...purposes.map((purpose) => (purpose === "marketing" ? words.marketing : words.utility)), words.footer].filter(Boolean).join("\n"),
  });
  return { name: business, words: { ...(en && { en: said(en) }), ...(id && { id: said(id) }) } };
}

/** What is pasted into a page. */
function embed(widget: string, mode: string): string {
  return mode === "form"
    ? `<script async src="${widget}"></script>`
    : `<script async src="${widget}" data-mode="checkbox"\n        data-phone="phone" data-name="name"></script>`;
}

/** A call from a form of one's own making. */
function call(org: string, form: string): string {
  return [
    `curl ${location.origin}/api/v1/orgs/${org}/forms/${form}/submissions \\`,
    `  -H "Authorization: Bearer …" -H "Content-Type: application/json" \\`,
    `  -d '{"phone": "0812 3456 7890", "purposes": ["marketing"]}'`,
  ].join("\n");
}
