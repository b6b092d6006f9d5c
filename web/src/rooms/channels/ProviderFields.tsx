/** The fields that a provider asks for. */
import { Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { PasswordField } from "@/ui/PasswordField";
import type { Fields } from "./fields";

/** Hints show gaps of templates, which are not gaps of the hint. */
const AS_IS = { interpolation: { prefix: "[[", suffix: "]]" } };

interface ProviderFieldsProps {
  form: UseFormReturnType<Fields>;
  hasSecret: boolean;
}

/** The errors of the server name a field within `way`. */
function useField(form: UseFormReturnType<Fields>) {
  const { t } = useTranslation("channels");
  return (name: Exclude<keyof Fields, "provider">, hint = false) => ({
    label: t(`fields.${name}`),
    description: hint ? t(`hints.${name as "from"}`, AS_IS) : undefined,
    ...form.getInputProps(name),
    error: form.errors[name] ?? form.errors[`way.${name}`],
  });
}

export function ProviderFields({ form, hasSecret }: ProviderFieldsProps) {
  const { t } = useTranslation("channels");
  const field = useField(form);
  const { provider } = form.values;
  const secret = (label: string) => (
    <PasswordField
      {...field("secret")}
      label={label}
      description={hasSecret ? t("secretSet") : undefined}
      autoComplete="off"
      maxLength={1000}
    />
  );
  const server = (
    <Group grow align="flex-start">
      <TextInput {...field("host")} required maxLength={253} />
      <NumberInput {...field("port")} min={1} max={65535} allowDecimal={false} hideControls required />
    </Group>
  );
  switch (provider) {
    case "smtp":
      return (
        <Stack>
          {server}
          <Select
            {...field("encryption")}
            data={(["starttls", "tls", "none"] as const).map((value) => ({ value, label: t(`encryption.${value}`) }))}
            allowDeselect={false}
          />
          <TextInput {...field("user")} autoComplete="off" maxLength={320} />
          {secret(t("secrets.password"))}
          <TextInput {...field("from", true)} required type="email" maxLength={320} />
          <TextInput {...field("reply_to", true)} type="email" maxLength={320} />
        </Stack>
      );
    case "operator":
      return <TextInput {...field("reply_to", true)} type="email" maxLength={320} />;
    case "twilio":
      return (
        <Stack>
          <TextInput {...field("account_sid")} placeholder="AC…" required maxLength={64} />
          {secret(t("secrets.token"))}
          <TextInput {...field("from")} placeholder="+14155550100" maxLength={20} />
          <TextInput {...field("messaging_service_sid", true)} placeholder="MG…" maxLength={64} />
        </Stack>
      );
    case "http":
      return (
        <Stack>
          <Group align="flex-start">
            <Select {...field("method")} w={110} data={["post", "get", "put"].map((value) => ({ value, label: value.toUpperCase() }))} allowDeselect={false} />
            <TextInput {...field("url")} flex="1 1 240px" type="url" placeholder="https://sms.example.com/send" required maxLength={1000} />
          </Group>
          <Textarea {...field("headers", true)} autosize minRows={1} />
          {form.values.method !== "get" && (
            <>
              <Select
                {...field("body_kind")}
                data={(["json", "form", "text"] as const).map((value) => ({ value, label: t(`bodies.${value}`) }))}
                allowDeselect={false}
              />
              <Textarea {...field("body", true)} autosize minRows={3} maxLength={4000} styles={{ input: { fontFamily: "monospace" } }} />
            </>
          )}
          {secret(t("secrets.any"))}
          <TextInput {...field("from")} required maxLength={20} />
          <Group grow align="flex-start">
            <TextInput {...field("success_at", true)} placeholder="/ok" maxLength={200} />
            <TextInput {...field("success_is")} placeholder="true" maxLength={200} />
          </Group>
          <Group grow align="flex-start">
            <TextInput {...field("reference_at")} placeholder="/data/id" maxLength={200} />
            <TextInput {...field("reason_at")} placeholder="/reason" maxLength={200} />
          </Group>
          <TextInput {...field("status_at", true)} placeholder="/status" maxLength={200} />
          <Group grow align="flex-start">
            <TextInput {...field("delivered_is", true)} placeholder="delivered" maxLength={500} />
            <TextInput {...field("failed_is", true)} placeholder="failed, rejected" maxLength={500} />
          </Group>
          <Group grow align="flex-start">
            <TextInput {...field("inbound_from_at", true)} placeholder="/from" maxLength={200} />
            <TextInput {...field("inbound_text_at")} placeholder="/text" maxLength={200} />
          </Group>
        </Stack>
      );
    case "smpp":
      return (
        <Stack>
          {server}
          <Checkbox {...field("tls")} {...form.getInputProps("tls", { type: "checkbox" })} />
          <TextInput {...field("system_id")} required maxLength={15} />
          {secret(t("secrets.password"))}
          <TextInput {...field("system_type", true)} maxLength={12} />
          <TextInput {...field("from", true)} required maxLength={20} />
        </Stack>
      );
  }
}
