/** A QR code, and its pictures for printing. */
import { Button, Group, Stack } from "@mantine/core";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { PrintButton } from "@/rooms/printing/PrintButton";
import type { Place } from "@/rooms/printing/words";
import { QrCode } from "@/ui/QrCode";

interface QrPicturesProps {
  name: string;
  value: string;
  /** Where the server draws it. */
  pictures: string;
  /** What stands on a printed sheet. */
  place: Omit<Place, "url">;
}

export function QrPictures({ name, value, pictures, place }: QrPicturesProps) {
  const { t } = useTranslation("forms");
  return (
    <Stack gap="xs" align="flex-start">
      <QrCode value={value} label={t("qr.label", { name })} />
      <Group gap="xs">
        {(["svg", "png"] as const).map((format) => (
          <Button
            key={format}
            component="a"
            href={`${pictures}?format=${format}`}
            download
            size="xs"
            variant="default"
            leftSection={<Download size={14} aria-hidden />}
            aria-label={t(`qr.${format}Named`, { name })}
          >
            {t(`qr.${format}`)}
          </Button>
        ))}
        <PrintButton place={{ ...place, url: value }} />
      </Group>
    </Stack>
  );
}
