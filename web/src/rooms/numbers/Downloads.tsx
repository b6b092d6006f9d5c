/** A QR code as a file: lines for print, dots for the screen. Drawn in the browser, so that no address leaves it. */
import { Button, Group } from "@mantine/core";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { PrintButton } from "@/rooms/printing/PrintButton";
import { tellProblem } from "@/ui/Problem";

export function Downloads({ value, name, owner }: { value: string; name: string; owner: string }) {
  const { t } = useTranslation("numbers");
  const save = async (form: "svg" | "png") => {
    const { drawn } = await import("./drawn");
    const url = URL.createObjectURL(await drawn(value, form));
    const link = Object.assign(document.createElement("a"), { href: url, download: `${name}.${form}` });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Group gap="xs">
      {(["svg", "png"] as const).map((form) => (
        <Button
          key={form}
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          onClick={() => void save(form).catch(tellProblem)}
          aria-label={t("chat.download", { form: form.toUpperCase() })}
        >
          {form.toUpperCase()}
        </Button>
      ))}
      <PrintButton place={{ name: owner, url: value }} />
    </Group>
  );
}
