/** What a contact allows, for each purpose, and every entry that says so, with its evidence. */
import { Badge, Button, Collapse, Group, Stack, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { ProblemAlert } from "@/ui/Problem";
import { Time } from "@/ui/Time";
import { ConsentForm } from "../parts";
import { consentQuery } from "../queries";
import { inLanguage } from "../words";
import classes from "./details.module.css";

const PURPOSES = ["utility", "marketing", "authentication"] as const;
const COLOURS: Readonly<Record<string, string>> = { opted_in: "sapa", opted_out: "red", unknown: "gray" };

function standing(word: string): "opted_in" | "opted_out" | "unknown" {
  return word === "opted_in" || word === "opted_out" ? word : "unknown";
}

interface ConsentProps {
  contact: Schemas["ContactDetail"];
  /** What a conversation with the contact would let through now, where there is one. */
  maySend?: Schemas["MaySend"];
  /** Whether every channel is shown, not WhatsApp alone. */
  everywhere?: boolean;
}

export function Consent({ contact, maySend, everywhere = false }: ConsentProps) {
  const { t } = useTranslation("inbox");
  const may = useMay()("consent.write");
  const [hasLedger, ledger] = useDisclosure();
  const [isRecording, recording] = useDisclosure();
  return (
    <Stack gap="xs">
      {contact.consent.stopped_by && (
        <Text size="sm" c="var(--mantine-color-error)">
          {t("consent.stopped")}
        </Text>
      )}
      {everywhere ? <OnEveryChannel contact={contact} /> : <OnWhatsapp contact={contact} maySend={maySend} />}
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={ledger.toggle} aria-expanded={hasLedger}>
          {t("consent.evidence")}
        </Button>
        {may && !isRecording && (
          <Button size="compact-sm" variant="default" onClick={recording.open}>
            {t("consent.record")}
          </Button>
        )}
      </Group>
      {isRecording && <ConsentForm contact={contact.id} onDone={recording.close} />}
      <Collapse expanded={hasLedger}>{hasLedger && <Ledger contact={contact.id} />}</Collapse>
    </Stack>
  );
}

function StandingBadge({ standing: word }: { standing: string }) {
  const { t } = useTranslation("inbox");
  const now = standing(word);
  return (
    <Badge variant="light" color={COLOURS[now]} autoContrast fw={500}>
      {t(`consent.standing.${now}`)}
    </Badge>
  );
}

/** For each purpose how the contact stands on WhatsApp, and what that lets through. */
function OnWhatsapp({ contact, maySend }: Pick<ConsentProps, "contact" | "maySend">) {
  const { t, i18n } = useTranslation("inbox");
  return PURPOSES.map((purpose) => {
    const asked = maySend?.[`${purpose}_template`];
    return (
      <div key={purpose}>
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{t(`consent.purpose.${purpose}`)}</Text>
          <StandingBadge standing={contact.consent[purpose].standing} />
        </Group>
        {asked && (
          <Text size="xs" c="dimmed">
            {asked.verdict === "send" ? t("consent.maySend") : inLanguage(asked.explanation, i18n.language)}
          </Text>
        )}
      </div>
    );
  });
}

/** For each purpose how the contact stands on each channel. */
function OnEveryChannel({ contact }: { contact: Schemas["ContactDetail"] }) {
  const { t } = useTranslation("inbox");
  const { data, error } = useQuery(consentQuery(useOrg(), contact.id));
  if (error) return <ProblemAlert error={error} />;
  if (!data) return null;
  const address = { whatsapp: contact.phone ?? contact.bsuid, sms: contact.phone, email: contact.email };
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table aria-label={t("consent.everywhere")} horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {data.channels.map(({ channel }) => (
              <Table.Th key={channel}>
                {t(`consent.channel.${channel}`)}
                {!address[channel] && (
                  <Text size="xs" c="dimmed">
                    {t("consent.noAddress")}
                  </Text>
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {PURPOSES.map((purpose) => (
            <Table.Tr key={purpose}>
              <Table.Th scope="row" fw={400}>
                {t(`consent.purpose.${purpose}`)}
              </Table.Th>
              {data.channels.map(({ channel, state }) => (
                <Table.Td key={channel}>
                  {standing(state[purpose].standing) === "unknown" ? (
                    <Text size="xs" c="dimmed">
                      {t("consent.standing.unknown")}
                    </Text>
                  ) : (
                    <StandingBadge standing={state[purpose].standing} />
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Ledger({ contact }: { contact: string }) {
  const { t } = useTranslation("inbox");
  const { data, error } = useQuery(consentQuery(useOrg(), contact));
  if (error) return <ProblemAlert error={error} />;
  if (data?.events.length === 0) return <Text size="sm">{t("consent.noEvidence")}</Text>;
  return data?.events.map((event) => (
    <div key={event.id} className={classes.event}>
      <Text size="sm" fw={500}>
        {t(`consent.action.${event.action}`, { purpose: event.purpose ? t(`consent.purpose.${event.purpose}`) : t("consent.purpose.all") })}
      </Text>
      <Text size="xs" c="dimmed">
        <Time at={event.at} /> · {t(`consent.channel.${event.channel}`)} · {t(`consent.source.${event.source}`)}
      </Text>
      <Evidence evidence={event.evidence} />
    </div>
  ));
}

const SHOWN = ["words", "said", "wording", "place", "file", "note", "sent_to", "ip"] as const;
/** Places that are ours, by their words in the ledger; others are written by whoever recorded the entry. */
const PLACES = ["link", "unsubscribe", "provider"] as const;

function Evidence({ evidence }: { evidence: Record<string, unknown> }) {
  const { t } = useTranslation("inbox");
  const facts = SHOWN.flatMap((name) => {
    const value = evidence[name];
    if (typeof value !== "string" || value === "") return [];
    const place = name === "place" && PLACES.find((one) => one === value);
    return [{ name, value: place ? t(`consent.place.${place}`) : value }];
  });
  if (facts.length === 0) return null;
  return (
    <dl>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{t(`consent.fact.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
