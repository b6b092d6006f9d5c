/** What a person may ask for about themselves: to take everything along, and to be erased. */
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership } from "@/app/session";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { exportFile, exportsQuery, useErase, useExport, useFreshPrivacy, type ContactDetail } from "./queries";

export function ContactRights({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const mayErase = useMay()("settings.write");
  const [isErasing, erasing] = useDisclosure();
  useFreshPrivacy();
  return (
    <Section title={t("rights.title")} about={t("rights.about")}>
      <Exports contact={contact} />
      <Group>
        <Button variant="default" renderRoot={(props) => <Link to="/o/$org/audit" params={{ org: slug }} search={{ of: contact.id }} {...props} />}>
          {t("rights.audit")}
        </Button>
        {mayErase && (
          <Button variant="outline" color="red.9" onClick={erasing.open}>
            {t("erase.button")}
          </Button>
        )}
      </Group>
      <Modal opened={isErasing} onClose={erasing.close} title={t("erase.title", { name: contact.display_name })} closeButtonProps={{ "aria-label": t("close") }}>
        <EraseForm contact={contact} onCancel={erasing.close} />
      </Modal>
    </Section>
  );
}

function Exports({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation("contacts");
  const { id: org } = useMembership();
  const { data } = useQuery(exportsQuery(org, contact.id));
  const ask = useExport(contact.id);
  const files = data?.items ?? [];
  return (
    <Stack gap="sm">
      <ProblemAlert error={ask.error} />
      <Group>
        <Button variant="default" loading={ask.isPending} onClick={() => ask.mutate()}>
          {t("exports.button")}
        </Button>
      </Group>
      {files.length > 0 && (
        <Rows label={t("exports.title")}>
          {files.map((file) => (
            <Row
              key={file.id}
              title={
                <>
                  {t("exports.of")} <Time at={file.created_at} />
                </>
              }
              facts={
                <>
                  {t("exports.until")} <Time at={file.expires_at} format="day" />
                </>
              }
              actions={
                file.state === "ready" ? (
                  <Button component="a" size="xs" variant="default" href={exportFile(org, file.id)} download>
                    {t("exports.download")}
                  </Button>
                ) : (
                  <Text size="sm" c="dimmed">
                    {t("exports.waiting")}
                  </Text>
                )
              }
            />
          ))}
        </Rows>
      )}
    </Stack>
  );
}

function EraseForm({ contact, onCancel }: { contact: ContactDetail; onCancel: () => void }) {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const erase = useErase(contact.id);
  const [reason, setReason] = useState(t("erase.reasonUsual"));
  const [suppress, setSuppress] = useState(true);
  const [isSure, setSure] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        erase.mutate({ reason, suppress }, { onSuccess: (erasure) => void navigate({ to: `/o/${slug}/contacts/privacy/${erasure.id}` }) });
      }}
    >
      <Stack>
        <Notice tone="warn" title={t("erase.warning")}>
          {t("erase.what")}
        </Notice>
        <ProblemAlert error={erase.error} />
        <TextInput label={t("erase.reason")} description={t("erase.reasonHint")} required maxLength={200} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Checkbox label={t("erase.suppress")} description={t("erase.suppressHint")} checked={suppress} onChange={(event) => setSuppress(event.currentTarget.checked)} />
        <Checkbox label={t("erase.sure")} checked={isSure} onChange={(event) => setSure(event.currentTarget.checked)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t("cancel")}
          </Button>
          <Button type="submit" color="red.9" disabled={!isSure || reason.trim() === ""} loading={erase.isPending}>
            {t("erase.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
