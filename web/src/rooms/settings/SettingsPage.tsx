/** What the organisation decides for itself, each with its effect. */
import { Alert, Anchor, Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import { organisationQuery } from "@/app/organisation";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { AiForm } from "./AiForm";
import { ConsentForm } from "./ConsentForm";
import { EndpointForm } from "./EndpointForm";
import { FilesForm } from "./FilesForm";
import { KeywordsForm } from "./KeywordsForm";
import { OrganisationForm } from "./OrganisationForm";
import { PolicyForm } from "./PolicyForm";
import { RetentionForm } from "./RetentionForm";
import { endpointQuery, filesKeptQuery, useFreshOrganisation } from "./queries";

export function SettingsPage() {
  const { t } = useTranslation("settings");
  const org = useOrg();
  const { slug } = useMembership();
  const may = useMay();
  const { data: organisation } = useSuspenseQuery(organisationQuery(org));
  const { data: endpoint } = useSuspenseQuery(endpointQuery(org));
  const { data: kept } = useSuspenseQuery(filesKeptQuery(org));
  useFreshOrganisation();
  const mayWrite = may("settings.write");
  // A form holds what it began with; when somebody else changes it, it begins anew.
  const version = JSON.stringify(organisation);
  return (
    <Page title={t("title")} about={t("about")} width={760}>
      <Stack gap="lg">
        {!mayWrite && (
          <Alert icon={<Info size={18} aria-hidden />} color="gray">
            {t("readOnly")}
          </Alert>
        )}
        <OrganisationForm key={`organisation ${version}`} organisation={organisation} mayWrite={mayWrite} />
        <AiForm key={`ai ${version}`} ai={organisation.settings.ai} mayWrite={mayWrite} />
        <EndpointForm key={endpoint.updated_at ?? 0} endpoint={endpoint} mayWrite={may("knowledge.write")} />
        {may("connections.read") && (
          <Section title={t("channels.title")} about={t("channels.about")}>
            <Anchor component={Link} to={`/o/${slug}/settings/channels`}>
              {t("channels.open")}
            </Anchor>
          </Section>
        )}
        <ConsentForm key={`consent ${version}`} settings={organisation.settings} mayWrite={mayWrite} />
        <PolicyForm key={`policy ${version}`} settings={organisation.settings} mayWrite={mayWrite} />
        <KeywordsForm key={`keywords ${version}`} keywords={organisation.settings.keywords} mayWrite={mayWrite} />
        <FilesForm key={`files ${version}`} retention={organisation.settings.retention} kept={kept} mayWrite={mayWrite} />
        {may("audit.read") && <RetentionForm mayWrite={mayWrite} />}
      </Stack>
    </Page>
  );
}
