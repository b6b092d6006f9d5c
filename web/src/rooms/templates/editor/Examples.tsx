/** An example for every gap, as Meta's reviewers want it. */
import { SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { gapsOf, type Editing } from "../editing";
import { Looked } from "./looked";

interface ExamplesProps {
  editing: Editing;
  onChange: (examples: Editing["examples"]) => void;
}

export function Examples({ editing, onChange }: ExamplesProps) {
  const { t } = useTranslation("templates");
  const header = editing.header.kind === "TEXT" ? gapsOf(editing.header.text) : [];
  const gaps = [
    ...header.map((gap) => ({ part: "header" as const, key: `header.${gap}`, gap })),
    ...gapsOf(editing.body).map((gap) => ({ part: "body" as const, key: gap, gap })),
  ];
  if (gaps.length === 0) return null;
  return (
    <Stack gap="xs" role="group" aria-label={t("editor.examples")}>
      <Text size="sm" c="dimmed">
        {t("editor.examplesHint")}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {gaps.map(({ part, key, gap }) => (
          <Looked.Field key={key} part={part} of={`example.${gap}`}>
            {(error) => (
              <TextInput
                label={t("editor.example", { gap: `{{${gap}}}` })}
                value={editing.examples[key] ?? ""}
                error={error}
                onChange={(event) => onChange({ ...editing.examples, [key]: event.currentTarget.value })}
              />
            )}
          </Looked.Field>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
