/** How an agreement is confirmed. By a link it can be only where the channel is set up. */
import { Anchor, Radio, Stack, Text, type RadioGroupProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { channelsQuery } from "@/rooms/channels/queries";

export function DoubleOptIn(props: Omit<RadioGroupProps, "children" | "label">) {
  const { t } = useTranslation("forms");
  const { slug } = useMembership();
  const ready = useQuery(channelsQuery(useOrg())).data?.items.map((setup) => setup.channel) ?? [];
  const missing = (["email", "sms"] as const).filter((channel) => !ready.includes(channel));
  return (
    <Radio.Group label={t("doubleOptIn.title")} {...props}>
      <Stack gap="xs" mt="xs">
        <Radio value="whatsapp" label={t("doubleOptIn.whatsapp")} description={t("doubleOptIn.whatsappHint")} />
        <Radio value="sms" disabled={missing.includes("sms")} label={t("doubleOptIn.sms")} description={t("doubleOptIn.smsHint")} />
        <Radio value="email" disabled={missing.includes("email")} label={t("doubleOptIn.email")} description={t("doubleOptIn.emailHint")} />
        <Radio value="none" label={t("doubleOptIn.none")} description={t("doubleOptIn.noneHint")} />
        {missing.length > 0 && (
          <Text size="sm" c="dimmed">
            {t("doubleOptIn.missing")}{" "}
            <Anchor component={Link} to={`/o/${slug}/settings/channels`} size="sm">
              {t("doubleOptIn.setUp")}
            </Anchor>
          </Text>
        )}
      </Stack>
    </Radio.Group>
  );
}
