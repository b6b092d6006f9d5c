/** Making an organisation and inviting its first owner. */
import { Button, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "@/i18n";
import { Invited } from "@/rooms/identity/InviteButton";
import { countries, timeZones } from "@/rooms/settings/places";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { organisationsQuery } from "./queries";
import { slugOf } from "./slug";

export function NewOrganisation() {
  const { t } = useTranslation("operator");
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
        {t("new.open")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("new.open")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <NewOrganisationForm onDone={close} />
      </Modal>
    </>
  );
}

function NewOrganisationForm({ onDone }: { onDone: () => void }) {
  const { t, i18n } = useTranslation("operator");
  const queries = useQueryClient();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const form = useForm<Schemas["OrganisationRequest"]>({
    initialValues: {
      name: "",
      slug: "",
      locale: i18n.language as Language,
      country: new Intl.Locale(navigator.language).maximize().region ?? "ID",
      timezone: here,
      owner_email: "",
    },
  });
  const make = useMutation({
    mutationFn: (body: Schemas["OrganisationRequest"]) => answer(api.POST("/api/v1/operator/orgs", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: organisationsQuery.queryKey }),
  });
  const problem = useProblemInForm(form, make.error);
  const lands = useMemo(() => countries(i18n.language), [i18n.language]);
  const zones = useMemo(() => timeZones(i18n.language, here), [i18n.language, here]);
  if (make.data) return <Invited invited={make.data.owner} onClose={onDone} />;
  const rename = (name: string) => {
    // The address follows the name until it is written by hand.
    if (form.values.slug === slugOf(form.values.name)) form.setFieldValue("slug", slugOf(name));
    form.setFieldValue("name", name);
  };
  const must = { required: true, withAsterisk: false };
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack>
        <ProblemAlert error={problem} />
        <TextInput
          label={t("new.name")}
          maxLength={100}
          data-autofocus
          {...must}
          {...form.getInputProps("name")}
          onChange={(event) => rename(event.currentTarget.value)}
        />
        <TextInput label={t("new.slug")} description={t("new.slugHint")} maxLength={40} {...must} {...form.getInputProps("slug")} />
        <TextInput
          type="email"
          label={t("new.owner")}
          description={t("new.ownerHint")}
          autoComplete="off"
          {...must}
          {...form.getInputProps("owner_email")}
        />
        <Select
          label={t("new.language")}
          data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          allowDeselect={false}
          {...form.getInputProps("locale")}
        />
        <Select label={t("new.country")} data={lands} searchable allowDeselect={false} {...form.getInputProps("country")} />
        <Select label={t("new.timezone")} data={zones} searchable allowDeselect={false} {...form.getInputProps("timezone")} />
        <FormActions send={t("new.send")} pending={make.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
