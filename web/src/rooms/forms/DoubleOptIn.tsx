/** How an agreement is confirmed. */
import { Radio, Stack, type RadioGroupProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function DoubleOptIn(props: Omit<RadioGroupProps, "children" | "label">) {
  const { t } = useTranslation("forms");
  return (
    <Radio.Group label={t("doubleOptIn.title")} {...props}>
      <Stack gap="xs" mt="xs">
        <Radio value="whatsapp" label={t("doubleOptIn.whatsapp")} description={t("doubleOptIn.whatsappHint")} />
        <Radio value="none" label={t("doubleOptIn.none")} description={t("doubleOptIn.noneHint")} />
      </Stack>
    </Radio.Group>
  );
}
