/** How many people may be written to first, and how fast. */
import { Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import type { Account } from "@/rooms/onboarding/queries";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { people } from "./facts";
import { allowanceQuery, type PhoneNumber } from "./queries";

export function Usage({ number, account }: { number: PhoneNumber; account: Account }) {
  const { t, i18n } = useTranslation("numbers");
  const write = (count: number) => new Intl.NumberFormat(i18n.language).format(count);
  const used = useQuery(allowanceQuery(useOrg(), number.id)).data;
  const limit = number.messaging_limit ? people(number.messaging_limit) : undefined;
  const verified = (account.facts as { verification?: string } | null)?.verification === "verified";
  return (
    <Section title={t("usage.title")} about={t("usage.about")}>
      <Stack gap="xs">
        <Text fw={600}>
          {limit === undefined ? t(number.messaging_limit ? "usage.unlimited" : "usage.unknown") : t("usage.limit", { value: write(limit) })}
        </Text>
        {used?.limit != null && used.begun != null && (
          <div>
            <Progress value={(100 * used.begun) / used.limit} color={used.frees_at ? "red" : "sapa"} aria-label={t("usage.begunLabel")} mb={4} />
            <Text size="sm">{t("usage.begun", { used: write(used.begun), limit: write(used.limit) })}</Text>
            {used.frees_at != null && (
              <Text size="sm" c="red">
                {t("usage.full")} <Time at={used.frees_at} />
              </Text>
            )}
          </div>
        )}
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
