/** The plain way to a chat: an address with the number in it, and its QR code. Nobody has to make it, and it never ends. */
import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { QrCode } from "@/ui/QrCode";
import { Copyable } from "@/ui/Secret";
import { Section } from "@/ui/Section";
import { Downloads } from "./Downloads";
import type { PhoneNumber } from "./queries";

export function ChatLink({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation("numbers");
  return (
    <Section title={t("chat.title")} about={t("chat.about")}>
      <Group align="flex-start" gap="lg">
        <QrCode value={number.chat_url} label={t("chat.code", { number: number.display })} />
        <Stack flex="1 1 260px">
          <Copyable label={t("chat.link")} value={number.chat_url} />
          <Downloads value={number.chat_url} name={`whatsapp-${number.display.replace(/\D/g, "")}`} owner={number.verified_name ?? number.display} />
          <Text size="sm" c="dimmed">
            {t("chat.print")}
          </Text>
        </Stack>
      </Group>
    </Section>
  );
}
