/** How many people may be written to first, and how fast. */
import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Account } from "@/rooms/onboarding/queries";
import { Section } from "@/ui/Section";
import { people } from "./facts";
import type { PhoneNumber } from "./queries";

export function Usage({ number, account }: { number: PhoneNumber; account: Account }) {
  const { t, i18n } = useTranslation("numbers");
  const write = (count: number) => new Intl.NumberFormat(i18n.language).format(count);
  const limit = number.messaging_limit ? people(number.messaging_limit) : undefined;
  const verified = (account.facts as { verification?: string } | null)?.verification === "verified";
  return (
    <Section title={t("usage.title")} about={t("usage.about")}>
      <Stack gap="xs">
        <Text fw={600}>
          {limit === undefined ? t(number.messaging_limit ? "usage.unlimited" : "usage.unknown") : t("usage.limit", { value: write(limit) })}
        </Text>
        <Text size="sm" c="dimmed">
          {limit === undefined ? "" : limit < 2000 && !verified ? t("usage.verify") : t("usage.grows")}
        </Text>
        <Text size="sm">{t("usage.pace", { value: write(number.messages_per_second) })}</Text>
        {number.on_business_app && (
          <Text size="sm" c="dimmed">
            {t("usage.paceOfApp")}
          </Text>
        )}
      </Stack>
    </Section>
  );
}
