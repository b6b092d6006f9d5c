/** The buttons of a template or of a card. */
import { ActionIcon, Button as MantineButton, Group, Menu, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { BUTTON_KINDS, gapsOf, newButton, type Button, type ButtonKind, type Places } from "../editing";
import { rulesQuery } from "../queries";
import { Looked, useFault } from "./looked";

interface ButtonsEditorProps {
  part: keyof Places;
  /** Where they stand within the part. */
  of: string;
  buttons: Button[];
  /** So many fit; all that Meta takes unless told. */
  most?: number;
  onChange: (buttons: Button[]) => void;
}

export function ButtonsEditor({ part, of, buttons, most, onChange }: ButtonsEditorProps) {
  const { t } = useTranslation("templates");
  const { data: rules } = useSuspenseQuery(rulesQuery(useOrg()));
  const fault = useFault(part, of);
  const change = (at: number, button: Button) => onChange(buttons.map((one, place) => (place === at ? button : one)));
  return (
    <Stack gap="xs" role="group" aria-label={t("editor.buttons")}>
      <Text size="sm" fw={500}>
        {t("editor.buttons")}
      </Text>
      {buttons.map((button, at) => (
        <Paper key={at} withBorder p="sm">
          <ButtonFields part={part} of={`${of}[${at}]`} button={button} onChange={(one) => change(at, one)} onRemove={() => onChange(buttons.filter((_, place) => place !== at))} />
        </Paper>
      ))}
      {fault && (
        <Text size="xs" c="error">
          {fault}
        </Text>
      )}
      {buttons.length < (most ?? rules.buttons) && (
        <Menu position="bottom-start">
          <Menu.Target>
            <MantineButton variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />} style={{ alignSelf: "flex-start" }}>
              {t("editor.addButton")}
            </MantineButton>
          </Menu.Target>
          <Menu.Dropdown>
            {BUTTON_KINDS.map((kind) => (
              <Menu.Item key={kind} onClick={() => onChange([...buttons, newButton(kind)])}>
                {t(`buttons.${kind}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Stack>
  );
}

interface ButtonFieldsProps {
  part: keyof Places;
  of: string;
  button: Button;
  onChange: (button: Button) => void;
  onRemove: () => void;
}

/** Kinds that carry no label of ours. */
const UNLABELLED: readonly ButtonKind[] = ["COPY_CODE", "REQUEST_CONTACT_INFO"];

/** What besides the label a kind asks for, and its name in Meta's form. */
const VALUES: Partial<Record<ButtonKind, "url" | "phone_number" | "example" | "flow_id">> = {
  URL: "url",
  PHONE_NUMBER: "phone_number",
  COPY_CODE: "example",
  FLOW: "flow_id",
};

function ButtonFields({ part, of, button, onChange, onRemove }: ButtonFieldsProps) {
  const { t } = useTranslation("templates");
  const { data: rules } = useSuspenseQuery(rulesQuery(useOrg()));
  const fault = useFault(part, of);
  const value = VALUES[button.kind];
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600}>
          {t(`buttons.${button.kind}`)}
        </Text>
        <ActionIcon variant="subtle" color="gray" aria-label={t("editor.removeButton", { label: button.label || t(`buttons.${button.kind}`) })} onClick={onRemove}>
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      </Group>
      {!UNLABELLED.includes(button.kind) && (
        <Looked.Field part={part} of={`${of}.text`}>
          {(error) => (
            <TextInput
              label={t("editor.label")}
              description={t("editor.counted", { count: button.label.length, most: rules.label })}
              value={button.label}
              error={error}
              onChange={(event) => onChange({ ...button, label: event.currentTarget.value })}
            />
          )}
        </Looked.Field>
      )}
      {value && (
        <Looked.Field part={part} of={`${of}.${value}`}>
          {(error) => (
            <TextInput
              label={t(`values.${value}`)}
              description={value === "url" ? t("editor.urlHint", { gap: "{{1}}" }) : undefined}
              value={button.value}
              error={error}
              onChange={(event) => onChange({ ...button, value: event.currentTarget.value })}
            />
          )}
        </Looked.Field>
      )}
      {button.kind === "URL" && gapsOf(button.value).length > 0 && (
        <Looked.Field part={part} of={`${of}.example`}>
          {(error) => (
            <TextInput label={t("values.urlExample")} value={button.example} error={error} onChange={(event) => onChange({ ...button, example: event.currentTarget.value })} />
          )}
        </Looked.Field>
      )}
      {fault && (
        <Text size="xs" c="error">
          {fault}
        </Text>
      )}
    </Stack>
  );
}
