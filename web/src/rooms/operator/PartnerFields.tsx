/** What a partner's app needs besides its secret; all of it may be left empty. */
import { Fieldset, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { PasswordField } from "@/ui/PasswordField";

const FIELDS = ["config_id", "business_id", "system_user_id", "credit_line_id", "solution_id"] as const;

/** These fields as a form keeps them. */
export type PartnerValues = Record<(typeof FIELDS)[number] | "system_token", string>;

/** What is stored of them; a token never comes back. */
export function partnerValues(app?: Schemas["MetaApp"]): PartnerValues {
  const stored = FIELDS.map((field) => [field, app?.[field] ?? ""] as const);
  return { ...(Object.fromEntries(stored) as PartnerValues), system_token: "" };
}

/** What is sent of them: empty ones are left out. */
export function partnerSent(values: PartnerValues): Partial<PartnerValues> {
  const written = [...FIELDS, "system_token" as const].map((field) => [field, values[field].trim()] as const);
  return Object.fromEntries(written.filter(([, value]) => value));
}

/** Any form that has these fields. */
type PartnerForm = Pick<UseFormReturnType<PartnerValues>, "getInputProps">;

export function PartnerFields({ form, hasToken }: { form: PartnerForm; hasToken: boolean }) {
  const { t } = useTranslation("operator");
  return (
    <Fieldset legend={t("apps.partner")}>
      <Stack gap="sm">
        {FIELDS.map((field) => (
          <TextInput
            key={field}
            label={t(`apps.field.${field}`)}
            description={t(`apps.fieldHint.${field}`)}
            maxLength={40}
            {...form.getInputProps(field)}
          />
        ))}
        <PasswordField
          label={t("apps.token")}
          description={t(hasToken ? "apps.tokenSet" : "apps.tokenHint")}
          autoComplete="off"
          {...form.getInputProps("system_token")}
        />
      </Stack>
    </Fieldset>
  );
}
