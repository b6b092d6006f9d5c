/** The foot of a form: send it, or leave it as it was. */
import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface FormActionsProps {
  /** What sending does; "Save" unless told. */
  send?: string;
  pending?: boolean;
  /** Nothing to send. */
  disabled?: boolean;
  onCancel?: () => void;
}

export function FormActions({ send, pending, disabled, onCancel }: FormActionsProps) {
  const { t } = useTranslation();
  return (
    <Group justify="flex-end">
      {onCancel && (
        <Button variant="default" onClick={onCancel}>
          {t("cancel")}
        </Button>
      )}
      <Button type="submit" loading={pending} disabled={disabled}>
        {send ?? t("save")}
      </Button>
    </Group>
  );
}
