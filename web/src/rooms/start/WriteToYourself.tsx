/** Where one writes to one's own number: WhatsApp with a QR code, or in a demo the simulated phone. */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { ExternalLink, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { QrCode } from "@/ui/QrCode";

export function WriteToYourself({ numbers }: { numbers: readonly Schemas["Number"][] }) {
  const { t } = useTranslation("start");
  const [chosen, setChosen] = useState<string | null>(null);
  const number = numbers.find((one) => one.id === chosen) ?? numbers[0];
  if (!number) return null;
  const onWhatsApp = number.chat_url.startsWith("https://wa.me/");
  return (
    <Stack gap="md" mt="md">
      {numbers.length > 1 && (
        <Select
          label={t("write.which")}
          data={numbers.map((one) => ({ value: one.id, label: one.display }))}
          value={number.id}
          onChange={setChosen}
          allowDeselect={false}
          maw={320}
        />
      )}
      <Group align="center" gap="lg">
        {onWhatsApp && <QrCode value={number.chat_url} label={t("write.qr", { number: number.display })} />}
        <Stack gap="xs" align="flex-start" flex="1 1 220px">
          <Text size="xl" fw={700}>
            <bdi>{number.display}</bdi>
          </Text>
          <Text size="sm">{onWhatsApp ? t("write.byPhone") : t("write.bySimulator")}</Text>
          <Button
            component="a"
            href={number.chat_url}
            target="_blank"
            rel="noopener"
            leftSection={<Smartphone size={16} aria-hidden />}
            rightSection={<ExternalLink size={14} aria-hidden />}
          >
            {onWhatsApp ? t("write.open") : t("write.openSimulator")}
          </Button>
        </Stack>
      </Group>
    </Stack>
  );
}
