/** Configuring a provider, or changing what is decided about it. */
import { Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { usePaged } from "@/ui/Paged";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { organisationsQuery, providersQuery } from "./queries";

/** The roles that newcomers may be given. */
const ROLES = ["admin", "agent", "viewer"] as const satisfies readonly Schemas["Role"][];

interface ProviderFormProps {
  /** Absent where it is a new one. */
  provider?: Schemas["OpenidProvider"];
  onDone: () => void;
}

export function ProviderForm({ provider, onDone }: ProviderFormProps) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const { items: organisations } = usePaged(organisationsQuery);
  const form = useForm({
    initialValues: {
      issuer: provider?.issuer ?? "",
      name: provider?.name ?? "",
      client_id: provider?.client_id ?? "",
      client_secret: "",
      domains: provider?.domains ?? [],
      is_second_factor: provider?.is_second_factor ?? false,
      org: provider?.newcomers?.org_id ?? null,
      role: provider?.newcomers?.role ?? "agent",
    },
  });
  const save = useMutation({
    mutationFn: ({ issuer, client_secret, org, role, ...rest }: typeof form.values) => {
      const shared = { ...rest, newcomers: org ? { org_id: org, role } : undefined };
      return provider
        ? answer(
            api.PUT("/api/v1/operator/openid-providers/{provider}", {
              params: { path: { provider: provider.id } },
              body: { ...shared, client_secret: client_secret || undefined },
            }),
          )
        : answer(api.POST("/api/v1/operator/openid-providers", { body: { ...shared, issuer: issuer.trim(), client_secret } }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries(providersQuery);
      onDone();
    },
  });
  const problem = useProblemInForm(form, save.error);
  const must = { required: true, withAsterisk: false };
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        <ProblemAlert error={problem} />
        <TextInput label={t("providers.name")} description={t("providers.nameHint")} maxLength={100} {...must} {...form.getInputProps("name")} />
        {!provider && (
          <TextInput
            type="url"
            label={t("providers.issuer")}
            description={t("providers.issuerHint")}
            placeholder="https://accounts.google.com"
            maxLength={500}
            {...must}
            {...form.getInputProps("issuer")}
          />
        )}
        <TextInput label={t("providers.client")} maxLength={500} {...must} {...form.getInputProps("client_id")} />
        <PasswordField
          label={t("providers.secret")}
          description={t(provider ? "providers.secretSet" : "providers.secretHint")}
          autoComplete="off"
          maxLength={1000}
          required={!provider}
          withAsterisk={false}
          {...form.getInputProps("client_secret")}
        />
        <TagsInput
          label={t("providers.domains")}
          description={t("providers.domainsHint")}
          placeholder="example.com"
          {...form.getInputProps("domains")}
        />
        <Switch
          label={t("providers.trust")}
          description={t("providers.trustHint")}
          {...form.getInputProps("is_second_factor", { type: "checkbox" })}
        />
        <Select
          label={t("providers.newcomers")}
          description={t("providers.newcomersHint")}
          placeholder={t("providers.nobody")}
          data={organisations.map((one) => ({ value: one.id, label: one.name }))}
          clearable
          searchable
          {...form.getInputProps("org")}
        />
        {form.values.org && (
          <Select
            label={t("providers.role")}
            data={ROLES.map((value) => ({ value, label: t(`role.${value}`, { ns: "app" }) }))}
            allowDeselect={false}
            {...form.getInputProps("role")}
          />
        )}
        <FormActions pending={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
