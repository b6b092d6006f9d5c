/** The people an organisation knows: found by name, label and what they agreed to. */
import { Anchor, Badge, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileUp, Search, Users } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { contactLabelsQuery } from "@/rooms/inbox/queries";
import { EmptyState } from "@/ui/EmptyState";
import { Face } from "@/ui/Face";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { PagePending } from "@/ui/PageStates";
import { Facts, Row, Rows } from "@/ui/Rows";
import { ContactsTabs } from "./ContactsTabs";
import { CHANNELS, contactsFile, contactsQuery, STANDS, useFreshContacts, type ConsentChannel, type Contact, type ContactFilter, type Stands } from "./queries";

export function ContactsPage() {
  const { t } = useTranslation("contacts");
  const { id: org, slug } = useMembership();
  const may = useMay();
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words.trim(), 250);
  const [label, setLabel] = useState<string | null>(null);
  const [stands, setStands] = useState<Stands | null>(null);
  const [channel, setChannel] = useState<ConsentChannel>("whatsapp");
  const { data: labels = [] } = useQuery(contactLabelsQuery(org));
  useFreshContacts();
  const filter = { q: q || undefined, label: label ?? undefined, stands: stands ?? undefined, channel: stands ? channel : undefined };
  return (
    <Page
      title={t("title")}
      about={t("about")}
      actions={
        <>
          {may("audit.read") && (
            <Button component="a" href={contactsFile(org)} download variant="default">
              {t("export")}
            </Button>
          )}
          {may("inbox.write") && (
            <Button component={Link} to={`/o/${slug}/contacts/imports`} leftSection={<FileUp size={16} aria-hidden />}>
              {t("import")}
            </Button>
          )}
        </>
      }
    >
      <ContactsTabs />
      <Stack>
        <Group align="end" gap="sm">
          <TextInput
            flex="2 1 220px"
            label={t("search")}
            leftSection={<Search size={16} aria-hidden />}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <Select flex="1 1 140px" label={t("label")} placeholder={t("any")} clearable searchable data={labels} value={label} onChange={setLabel} />
          <Select
            flex="1 1 200px"
            label={t("stands.label")}
            placeholder={t("any")}
            clearable
            data={STANDS.map((value) => ({ value, label: t(`stands.${value}`) }))}
            value={stands}
            onChange={(value) => setStands(value)}
          />
          {stands && (
            <Select
              flex="1 1 120px"
              label={t("channel.label")}
              allowDeselect={false}
              data={CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))}
              value={channel}
              onChange={(value) => setChannel(value ?? "whatsapp")}
            />
          )}
        </Group>
        <Suspense fallback={<PagePending />}>
          <Found filter={filter} />
        </Suspense>
      </Stack>
    </Page>
  );
}

function Found({ filter }: { filter: ContactFilter }) {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const { items, more } = usePaged(contactsQuery(useOrg(), filter));
  if (items.length === 0) {
    const isNarrow = Object.values(filter).some(Boolean);
    return (
      <EmptyState
        icon={Users}
        title={t(isNarrow ? "nobody.title" : "none.title")}
        action={
          !isNarrow && (
            <Button component={Link} to={`/o/${slug}/contacts/imports`}>
              {t("import")}
            </Button>
          )
        }
      >
        {t(isNarrow ? "nobody.detail" : "none.detail")}
      </EmptyState>
    );
  }
  return (
    <>
      <Rows label={t("title")}>
        {items.map((contact) => (
          <ContactRow key={contact.id} contact={contact} />
        ))}
      </Rows>
      {more}
    </>
  );
}

function ContactRow({ contact }: { contact: Contact }) {
  const { slug } = useMembership();
  return (
    <Row
      mark={<Face name={contact.display_name} />}
      title={
        <Anchor component={Link} to={`/o/${slug}/contacts/${contact.id}`} c="inherit" fw={600}>
          {contact.display_name}
        </Anchor>
      }
      facts={<Facts>{[contact.phone && `+${contact.phone}`, contact.email, contact.username && `@${contact.username}`]}</Facts>}
      actions={
        <Group gap={4}>
          {contact.labels.slice(0, 3).map((label) => (
            <Badge key={label} variant="light" color="gray" fw={500}>
              {label}
            </Badge>
          ))}
        </Group>
      }
    />
  );
}
