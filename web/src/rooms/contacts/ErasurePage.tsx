/** The certificate of an erasure: what was deleted, in numbers. */
import { Button, Code, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Printer } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { erasureQuery, useFreshPrivacy } from "./queries";

const COUNTED = ["contacts", "conversations", "messages", "files", "notes", "consent_entries", "import_rows", "webhooks"] as const;

export function ErasurePage() {
  const { t } = useTranslation("contacts");
  const { id: org, name, slug } = useMembership();
  const { erasure: id = "" } = useParams({ strict: false });
  const { data: erasure } = useSuspenseQuery(erasureQuery(org, id));
  useFreshPrivacy();
  const isDone = erasure.state === "done";
  return (
    <Page
      title={t(isDone ? "certificate.title" : "certificate.running")}
      about={name}
      up={{ to: `/o/${slug}/contacts/privacy`, label: t("privacy.title") }}
      width={760}
      actions={
        isDone && (
          <Button variant="default" leftSection={<Printer size={16} aria-hidden />} onClick={() => window.print()}>
            {t("certificate.print")}
          </Button>
        )
      }
    >
      <Stack gap="lg">
        <Notice tone={isDone ? "good" : "busy"} title={t(isDone ? "certificate.done" : "certificate.busy")}>
          {t(isDone ? "certificate.doneDetail" : "certificate.busyDetail")}
        </Notice>
        <Section title={t("certificate.what")}>
          <Rows label={t("certificate.what")}>
            {COUNTED.map((what) => (
              <Row key={what} title={t(`certificate.counted.${what}`)} actions={<Text fw={600}>{erasure.counts[what] ?? 0}</Text>} />
            ))}
          </Rows>
        </Section>
        <Section title={t("certificate.request")}>
          <Rows label={t("certificate.request")}>
            <Row title={t("certificate.reason")} facts={erasure.reason} />
            <Row title={t("certificate.asked")} facts={<Time at={erasure.created_at} />} />
            {erasure.finished_at && <Row title={t("certificate.finished")} facts={<Time at={erasure.finished_at} />} />}
            <Row title={t("certificate.suppressed")} facts={t(erasure.suppressed ? "certificate.yes" : "certificate.no")} />
            <Row title={t("certificate.hash")} facts={<Code style={{ overflowWrap: "anywhere" }}>{erasure.request_hash}</Code>} />
          </Rows>
        </Section>
      </Stack>
    </Page>
  );
}
