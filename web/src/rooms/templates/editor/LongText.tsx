/** The text of a template: how long it is, and a button that puts a gap where one writes. */
import { Button, Group, Text, Textarea } from "@mantine/core";
import { Braces } from "lucide-react";
import { useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { nextGap } from "../editing";

interface LongTextProps {
  label: string;
  value: string;
  /** So many characters fit. */
  most: number;
  error?: ReactNode;
  onChange: (value: string) => void;
}

export function LongText({ label, value, most, error, onChange }: LongTextProps) {
  const { t } = useTranslation("templates");
  const field = useRef<HTMLTextAreaElement>(null);
  const addGap = () => {
    const at = field.current?.selectionStart ?? value.length;
    onChange(value.slice(0, at) + nextGap(value) + value.slice(at));
    field.current?.focus();
  };
  return (
    <div>
      <Textarea ref={field} label={label} value={value} error={error} autosize minRows={4} maxRows={16} onChange={(event) => onChange(event.currentTarget.value)} />
      <Group justify="space-between" mt={4}>
        <Button size="compact-xs" variant="subtle" leftSection={<Braces size={14} aria-hidden />} onClick={addGap}>
          {t("editor.addGap")}
        </Button>
        <Text size="xs" c={value.length > most ? "error" : "dimmed"}>
          {t("editor.counted", { count: value.length, most })}
        </Text>
      </Group>
    </div>
  );
}
