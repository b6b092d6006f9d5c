/** Opens the sheet for a QR code, which is loaded then. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Printer } from "lucide-react";
import { useTranslation } from "react-i18next";
import { onDemand } from "@/ui/onDemand";
import type { Place } from "./words";

const PrintSheet = onDemand(
  () => import("./PrintSheet").then((module) => module.PrintSheet),
  ({ opened }) => opened,
);

export function PrintButton({ place }: { place: Place }) {
  const { t } = useTranslation("printing");
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="xs" variant="default" leftSection={<Printer size={14} aria-hidden />} onClick={open} aria-label={t("openNamed", { name: place.name })}>
        {t("open")}
      </Button>
      <PrintSheet place={place} opened={opened} onClose={close} />
    </>
  );
}
