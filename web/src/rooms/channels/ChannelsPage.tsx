/** Other ways to reach people: e-mail and SMS, in which order they are tried, and in which words. */
import { Alert, Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { ChannelSection } from "./ChannelSection";
import { OrderForm } from "./OrderForm";
import { channelsQuery, fallbackQuery, useFreshChannels, type Channel } from "./queries";
import { TextsForm } from "./TextsForm";

const CHANNELS: readonly Channel[] = ["email", "sms"];

export function ChannelsPage() {
  const { t } = useTranslation("channels");
  const org = useOrg();
  const { slug } = useMembership();
  const may = useMay();
  const { data: channels } = useSuspenseQuery(channelsQuery(org));
  const { data: fallback } = useSuspenseQuery(fallbackQuery(org));
  useFreshChannels();
  const mayWrite = may("settings.write");
  const ready = CHANNELS.filter((channel) => channels.items.some((setup) => setup.channel === channel));
  return (
    <Page title={t("title")} about={t("about")} up={{ to: `/o/${slug}/settings`, label: t("up") }} width={760}>
      <Stack gap="lg">
        {!mayWrite && (
          <Alert icon={<Info size={18} aria-hidden />} color="gray">
            {t("readOnly")}
          </Alert>
        )}
        {CHANNELS.map((channel) => {
          const setup = channels.items.find((one) => one.channel === channel);
          return (
            <ChannelSection
              key={`${channel} ${setup?.updated_at ?? 0}`}
              {...{ channel, setup, mayWrite }}
              operatorMail={channels.operator_mail}
            />
          );
        })}
        <OrderForm key={`order ${JSON.stringify(fallback.settings)}`} {...{ fallback, ready, mayWrite }} />
        <TextsForm key={`texts ${JSON.stringify(fallback.settings.texts)}`} {...{ fallback, mayWrite }} />
      </Stack>
    </Page>
  );
}
