/** One person: who they are, what they agreed to, what was said, and what they may ask for about themselves. */
import { Anchor, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFresh } from "@/api/live";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Consent } from "@/rooms/inbox/details/Consent";
import { consentQuery, contactConversationsQuery, contactQuery } from "@/rooms/inbox/queries";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { ContactForm } from "./ContactForm";
import { ContactRights } from "./ContactRights";
import { MergeContact } from "./MergeContact";
import type { ContactDetail } from "./queries";

export function ContactPage() {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const org = useOrg();
  const queries = useQueryClient();
  const may = useMay();
  const { contact: id = "" } = useParams({ strict: false });
  const { data: contact } = useSuspenseQuery(contactQuery(org, id));
  useFresh(["contact.updated"], () => {
    void queries.invalidateQueries({ queryKey: ["org", org, "contact", id] });
    void queries.invalidateQueries(consentQuery(org, id));
  });
  return (
    <Page
      title={contact.display_name}
      up={{ to: `/o/${slug}/contacts`, label: t("title") }}
      about={
        <Facts>
          {[
            contact.phone && `+${contact.phone}`,
            contact.email,
            <span key="since">
              {t("since")} <Time at={contact.created_at} format="day" />
            </span>,
          ]}
        </Facts>
      }
      width={760}
      actions={
        may("inbox.write") && <MergeContact contact={contact} />
      }
    >
      <Stack gap="lg">
        <ContactForm key={contact.updated_at} contact={contact} />
        <Section title={t("consent.title")} about={t("consent.about")}>
          <Consent contact={contact} everywhere />
        </Section>
        <Conversations contact={contact.id} />
        <Identities contact={contact} />
        {may("audit.read") && <ContactRights contact={contact} />}
      </Stack>
    </Page>
  );
}

function Conversations({ contact }: { contact: string }) {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const { data } = useQuery(contactConversationsQuery(useOrg(), contact));
  if (!data) return null;
  return (
    <Section title={t("conversations.title")}>
      {data.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t("conversations.none")}
        </Text>
      ) : (
        <Rows label={t("conversations.title")}>
          {data.map((one) => (
            <Row
              key={one.id}
              title={
                <Anchor component={Link} to={`/o/${slug}/inbox/${one.id}`} c="inherit" fw={600}>
                  {one.last_message?.preview ?? t("conversations.open")}
                </Anchor>
              }
              facts={one.last_message && <Time at={one.last_message.at} />}
            />
          ))}
        </Rows>
      )}
    </Section>
  );
}

function Identities({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation("contacts");
  return (
    <Section title={t("identities.title")} about={t("identities.about")}>
      <Rows label={t("identities.title")}>
        {contact.identities.map((one) => (
          <Row
            key={`${one.kind} ${one.value} ${one.since}`}
            title={one.kind === "phone" ? `+${one.value}` : one.value}
            facts={
              <Facts>
                {[
                  t(`identities.${one.kind}`),
                  <Time key="since" at={one.since} format="day" />,
                  one.until && (
                    <span key="until">
                      {t("identities.until")} <Time at={one.until} format="day" />
                    </span>
                  ),
                ]}
              </Facts>
            }
          />
        ))}
      </Rows>
    </Section>
  );
}
