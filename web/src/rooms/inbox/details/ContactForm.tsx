/** The name that the organisation gives a contact. */
import { ActionIcon, Button, Group, Text, TextInput } from "@mantine/core";
import { PenLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay } from "@/app/session";
import { useContactChange } from "./useContactChange";

export function ContactForm({ contact }: { contact: Schemas["ContactDetail"] }) {
  const { t } = useTranslation("inbox");
  const may = useMay()("inbox.write");
  const change = useContactChange(contact.id);
  const [name, setName] = useState<string | null>(null);
  if (name === null) {
    return (
      <Group gap={4} wrap="nowrap">
        <Text fw={600} ta="center">
          {contact.display_name}
        </Text>
        {may && (
          <ActionIcon variant="subtle" color="gray" size={24} aria-label={t("details.rename")} onClick={() => setName(contact.name || contact.display_name)}>
            <PenLine size={14} aria-hidden />
          </ActionIcon>
        )}
      </Group>
    );
  }
  const save = () => change.mutate({ name: name.trim() }, { onSuccess: () => setName(null) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextInput
        label={t("details.name")}
        description={t("details.nameHint")}
        value={name}
        maxLength={200}
        autoFocus
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setName(null);
        }}
      />
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" type="submit" loading={change.isPending}>
          {t("save")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setName(null)}>
          {t("cancel")}
        </Button>
      </Group>
    </form>
  );
}
