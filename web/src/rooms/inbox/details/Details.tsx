/** Who the customer is: names, labels, consent with its evidence, where they came from, their other conversations. */
import { Accordion, ActionIcon, CopyButton, Group, ScrollArea, Stack, Text, Title, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Check, Copy, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { Face } from "@/ui/Face";
import { ProblemAlert } from "@/ui/Problem";
import { Time } from "@/ui/Time";
import { contactConversationsQuery, contactQuery, conversationQuery, numbersQuery } from "../queries";
import { useWhen } from "../useWhen";
import { Attribution } from "./Attribution";
import { Consent } from "./Consent";
import { ContactForm } from "./ContactForm";
import classes from "./details.module.css";
import { ContactLabels, ConversationLabels } from "./Labels";

export function Details({ conversation: id, onClose }: { conversation: string; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const { data: conversation } = useQuery(conversationQuery(org, id));
  const contactId = conversation?.contact.id ?? "";
  const { data: contact, error } = useQuery({ ...contactQuery(org, contactId), enabled: contactId !== "" });
  return (
    <aside className={classes.details} aria-label={t("details.title")}>
      <Group justify="space-between" className={classes.head}>
        <Title order={2} size="h5">
          {t("details.title")}
        </Title>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label={t("details.close")}>
          <X size={18} aria-hidden />
        </ActionIcon>
      </Group>
      <ScrollArea className={classes.scroll} viewportProps={{ tabIndex: 0, role: "region", "aria-label": t("details.title") }}>
        <ProblemAlert error={error} m="sm" />
        {conversation && contact && <Shown conversation={conversation} contact={contact} />}
      </ScrollArea>
    </aside>
  );
}

interface ShownProps {
  conversation: Schemas["ConversationDetail"];
  contact: Schemas["ContactDetail"];
}

function Shown({ conversation, contact }: ShownProps) {
  const { t } = useTranslation("inbox");
  const languageName = useLanguageName();
  return (
    <>
      <Stack align="center" gap={4} p="md" pb="xs">
        <Face name={contact.display_name} size={64} />
        <ContactForm contact={contact} />
      </Stack>
      <Stack gap={6} px="md" pb="md">
        {contact.phone && <Fact label={t("details.phone")} value={`+${contact.phone}`} />}
        {contact.username && <Fact label={t("details.username")} value={`@${contact.username}`} />}
        {contact.bsuid && <Fact label={t("details.bsuid")} value={contact.bsuid} />}
        {contact.profile_name && contact.profile_name !== contact.display_name && (
          <Fact label={t("details.profileName")} value={contact.profile_name} />
        )}
        {contact.language && <Fact label={t("details.language")} value={languageName(contact.language)} />}
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text size="sm" c="dimmed">
            {t("details.since")}
          </Text>
          <Text size="sm">
            <Time at={contact.created_at} format="day" />
          </Text>
        </Group>
        <ConversationLabels conversation={conversation} />
        <ContactLabels contact={contact} />
      </Stack>
      <Accordion multiple defaultValue={["consent"]} variant="default">
        <Accordion.Item value="consent">
          <Accordion.Control>{t("consent.title")}</Accordion.Control>
          <Accordion.Panel>
            <Consent contact={contact} maySend={conversation.may_send} />
          </Accordion.Panel>
        </Accordion.Item>
        {conversation.attribution && (
          <Accordion.Item value="attribution">
            <Accordion.Control>{t("attribution.title")}</Accordion.Control>
            <Accordion.Panel>
              <Attribution attribution={conversation.attribution} />
            </Accordion.Panel>
          </Accordion.Item>
        )}
        <Accordion.Item value="others">
          <Accordion.Control>{t("details.conversations")}</Accordion.Control>
          <Accordion.Panel>
            <Others conversation={conversation} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

/** Something about a contact that can be copied. */
function Fact({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation("inbox");
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <Text size="sm" c="dimmed" className={classes.label}>
        {label}
      </Text>
      <Group gap={2} wrap="nowrap" miw={0}>
        <Text size="sm" truncate dir="auto">
          {value}
        </Text>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Tooltip label={t(copied ? "details.copied" : "details.copy")}>
              <ActionIcon variant="subtle" color="gray" size={24} onClick={copy} aria-label={t("details.copyNamed", { name: label })}>
                {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
    </Group>
  );
}

/** The contact's conversations with every number. */
function Others({ conversation }: { conversation: Schemas["Conversation"] }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const { org: slug = "" } = useParams({ strict: false });
  const when = useWhen();
  const { data: numbers } = useQuery(numbersQuery(org));
  const { data = [] } = useQuery(contactConversationsQuery(org, conversation.contact.id));
  return (
    <Stack gap={6}>
      {data.map((one) => {
        const number = numbers?.find(({ id }) => id === one.number_id);
        return (
          <Group key={one.id} justify="space-between" wrap="nowrap" gap="xs">
            <Text
              size="sm"
              component={Link}
              to={`/o/${slug}/inbox/${one.id}`}
              aria-current={one.id === conversation.id ? "true" : undefined}
              c="var(--mantine-color-anchor)"
              truncate
            >
              {number?.display ?? t("details.number")}
            </Text>
            <Text size="xs" c="dimmed" style={{ flex: "none" }}>
              {one.id === conversation.id ? t("details.here") : when(one.last_message?.at ?? one.created_at)}
            </Text>
          </Group>
        );
      })}
    </Stack>
  );
}
