/** A one-time code: WhatsApp writes the words; what is left to choose stands here. */
import { Checkbox, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import type { Code } from "../editing";
import { rulesQuery } from "../queries";
import { Looked } from "./looked";

const KINDS = ["COPY_CODE", "ONE_TAP", "ZERO_TAP"] as const;

export function CodeEditor({ code, onChange }: { code: Code; onChange: (code: Code) => void }) {
  const { t } = useTranslation("templates");
  const { data: rules } = useSuspenseQuery(rulesQuery(useOrg()));
  const set = (change: Partial<Code>) => onChange({ ...code, ...change });
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t("code.about")}
      </Text>
      <Checkbox label={t("code.advice")} checked={code.advice} onChange={(event) => set({ advice: event.currentTarget.checked })} />
      <Looked.Field part="footer" of="code_expiration_minutes">
        {(error) => (
          <NumberInput
            label={t("code.minutes")}
            description={t("code.minutesHint", { most: rules.code_minutes })}
            min={1}
            max={rules.code_minutes}
            value={code.minutes}
            error={error}
            onChange={(minutes) => set({ minutes: typeof minutes === "number" ? minutes : "" })}
          />
        )}
      </Looked.Field>
      <Select
        label={t("code.kind")}
        data={KINDS.map((value) => ({ value, label: t(`code.kinds.${value}`) }))}
        value={code.kind}
        onChange={(value) => value && set({ kind: value })}
        allowDeselect={false}
      />
      {code.kind !== "COPY_CODE" && (
        <>
          <Looked.Field part="buttons" of="buttons[0].supported_apps[0].package_name">
            {(error) => <TextInput label={t("code.package")} placeholder="com.example.app" value={code.packageName} error={error} onChange={(event) => set({ packageName: event.currentTarget.value })} />}
          </Looked.Field>
          <Looked.Field part="buttons" of="buttons[0].supported_apps[0].signature_hash">
            {(error) => <TextInput label={t("code.signature")} placeholder="K8a/AINcGX7" value={code.signature} error={error} onChange={(event) => set({ signature: event.currentTarget.value })} />}
          </Looked.Field>
        </>
      )}
      {code.kind === "ZERO_TAP" && (
        <Looked.Field part="buttons" of="buttons[0].zero_tap_terms_accepted">
          {(error) => <Checkbox label={t("code.terms")} checked={code.terms} error={error} onChange={(event) => set({ terms: event.currentTarget.checked })} />}
        </Looked.Field>
      )}
    </Stack>
  );
}
