/** What stands above the text: words, or a file whose sample the reviewers see. */
import { Select, Stack, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { HEADER_KINDS, type Header } from "../editing";
import { rulesQuery } from "../queries";
import { Looked } from "./looked";
import { SampleField } from "./SampleField";

export function HeaderEditor({ header, onChange }: { header: Header; onChange: (header: Header) => void }) {
  const { t } = useTranslation("templates");
  const { data: rules } = useSuspenseQuery(rulesQuery(useOrg()));
  return (
    <Stack gap="xs">
      <Looked.Field part="header" of="format">
        {(error) => (
          <Select
            label={t("editor.header")}
            error={error}
            data={HEADER_KINDS.map((value) => ({ value, label: t(`headers.${value}`) }))}
            value={header.kind}
            onChange={(value) => value && onChange({ ...header, kind: value, sample: "" })}
            allowDeselect={false}
          />
        )}
      </Looked.Field>
      {header.kind === "TEXT" && (
        <Looked.Field part="header" of="text">
          {(error) => (
            <TextInput
              aria-label={t("editor.headerText")}
              description={t("editor.counted", { count: header.text.length, most: rules.header })}
              value={header.text}
              error={error}
              onChange={(event) => onChange({ ...header, text: event.currentTarget.value })}
            />
          )}
        </Looked.Field>
      )}
      {(header.kind === "IMAGE" || header.kind === "VIDEO" || header.kind === "DOCUMENT") && (
        <Looked.Field part="header" of="example.header_handle">
          {(error) => <SampleField kind={header.kind} sample={header.sample} error={error} onChange={(sample) => onChange({ ...header, sample })} />}
        </Looked.Field>
      )}
    </Stack>
  );
}
