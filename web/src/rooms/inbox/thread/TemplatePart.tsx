/** A template as the phone shows it. */
import { Group, Image, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileText, Gift, MapPin, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { filled, valuesOf, type Filled } from "../composer/templates";
import { numbersQuery, templatesQuery } from "../queries";
import type { Said } from "./content";
import { Framed, Taps } from "./Parts";
import classes from "./Parts.module.css";

export function TemplatePart({ said, number }: { said: Extract<Said, { type: "template" }>; number: string }) {
  const { t } = useTranslation("inbox");
  const languageName = useLanguageName();
  const org = useOrg();
  const may = useMay()("connections.read");
  const account = useQuery({ ...numbersQuery(org), enabled: may }).data?.find((one) => one.id === number)?.account_id;
  const { data: templates } = useQuery({ ...templatesQuery(org, account ?? ""), enabled: Boolean(account) });
  const template = templates?.find((one) => one.name === said.name && one.language === said.language);
  return (
    <div>
      <Text size="xs" className={classes.quiet}>
        {t("template.named", { name: said.name, language: languageName(said.language) })}
      </Text>
      {template && <FilledPart filled={filled(template, valuesOf(template, said.components))} />}
    </div>
  );
}

/** A template filled in. */
export function FilledPart({ filled: { header, body, footer, taps, offer, cards = [] } }: { filled: Filled }) {
  return (
    <Framed header={<HeaderPart header={header} />} body={body} footer={footer}>
      {offer && (
        <Group className={classes.box} gap="xs" my={6} wrap="nowrap">
          <Gift size={18} aria-hidden />
          <Text size="sm" fw={600}>
            {offer}
          </Text>
        </Group>
      )}
      {taps.length > 0 && <Taps taps={taps} />}
      {cards.length > 0 && (
        <Group component="ul" className={classes.cards} wrap="nowrap" gap="xs" align="stretch">
          {cards.map((card, at) => (
            <li key={at} className={classes.card}>
              <FilledPart filled={card} />
            </li>
          ))}
        </Group>
      )}
    </Framed>
  );
}

function HeaderPart({ header }: { header: Filled["header"] }) {
  const { t } = useTranslation("inbox");
  if (!header) return null;
  if ("text" in header) return <Text fw={600}>{header.text}</Text>;
  const Icon = header.media === "location" ? MapPin : header.media === "video" ? Play : FileText;
  return (
    <Group className={classes.box} mb={6} gap="xs">
      {header.media === "image" && (!header.link || header.link.startsWith("/")) ? (
        <Image alt="" src={header.link} mah={160} fit="cover" radius="sm" />
      ) : (
        <Icon size={20} aria-hidden />
      )}
      <Text size="sm">{t(`kind.${header.media}`)}</Text>
    </Group>
  );
}
