/** Templates to contacts, each with the decision in words. */
import { Anchor, Badge, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useLanguageName } from "@/i18n/languageName";
import { useSay } from "@/i18n/sentence";
import { inLanguage } from "@/rooms/inbox/words";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import type { Outreach } from "./queries";
import type { Verdict } from "./shown";

const COLOURS: Readonly<Record<Verdict, string>> = { send: "sapa", wait: "yellow", fall_back: "blue", refuse: "red" };

export function OutreachRows({ rows, slug }: { rows: readonly Outreach[]; slug: string }) {
  const { t } = useTranslation("outreach");
  return (
    <Rows label={t("title")}>
      {rows.map((row) => (
        <OutreachRow key={row.id} row={row} slug={slug} />
      ))}
    </Rows>
  );
}

function OutreachRow({ row, slug }: { row: Outreach; slug: string }) {
  const { t, i18n } = useTranslation("outreach");
  const languageName = useLanguageName();
  const say = useSay();
  const why = inLanguage(row.explanation, i18n.language);
  return (
    <Row
      title={
        <Group gap="xs">
          <Anchor component={Link} to={`/o/${slug}/inbox/${row.conversation_id}`} inherit>
            {row.contact_name || t("somebody")}
          </Anchor>
          <Badge variant="light" color={COLOURS[row.verdict]} autoContrast fw={500}>
            {t(`verdict.${row.verdict}`)}
          </Badge>
        </Group>
      }
      facts={
        <Facts>
          {[
            `${row.template} (${languageName(row.language)})`,
            t(`purpose.${row.purpose}`),
            t(`outcome.${row.outcome}`),
            row.channel !== "whatsapp" && t(`channel.${row.channel}`),
            <Time key="when" at={row.at} />,
          ]}
        </Facts>
      }
    >
      {why && <Text size="sm">{why}</Text>}
      {row.elsewhere && <Text size="sm">{say(row.elsewhere)}</Text>}
    </Row>
  );
}
