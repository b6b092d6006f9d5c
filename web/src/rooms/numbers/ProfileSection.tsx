/** What people see about the business, within Meta's limits. */
import { Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { profileOf } from "./facts";
import { changeProfile, useDeed, type PhoneNumber, type ProfileWish } from "./queries";
import { VERTICALS, type Vertical } from "./verticals";

/** Meta's limits, in characters. */
const MOST = { about: 139, address: 256, description: 512, email: 128, website: 256 } as const;

interface Values {
  about: string;
  address: string;
  description: string;
  email: string;
  first: string;
  second: string;
  vertical: string | null;
}

export function ProfileSection({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const change = useDeed(number.id, changeProfile);
  const { websites, ...known } = profileOf(number);
  const isSite = (site: string) => (!site || /^https?:\/\/[^\s/]+\.[^\s]+$/.test(site) ? null : t("profile.notASite"));
  const form = useForm<Values>({
    initialValues: {
      about: known.about,
      address: known.address,
      description: known.description,
      email: known.email,
      vertical: known.vertical,
      first: websites[0] ?? "",
      second: websites[1] ?? "",
    },
    validate: {
      first: isSite,
      second: isSite,
      email: (email) => (!email || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) ? null : t("profile.notAnAddress")),
    },
    enhanceGetInputProps: () => ({ disabled: !usable }),
  });
  const problem = useProblemInForm(form, change.error);
  const trades = useMemo(
    () => VERTICALS.map((value) => ({ value, label: t(`vertical.${value}`) })).toSorted((one, other) => one.label.localeCompare(other.label)),
    [t],
  );
  const count = (field: "about" | "address" | "description") =>
    t("profile.count", { used: form.values[field].length, most: MOST[field] });
  return (
    <Section title={t("profile.title")} about={t("profile.about")}>
      <form
        onSubmit={form.onSubmit((values) =>
          change.mutate(wish(values, form.isDirty), { onSuccess: () => tellDone(t("profile.saved")) }),
        )}
      >
        <Stack>
          <ProblemAlert error={problem} />
          <TextInput label={t("profile.line")} description={count("about")} maxLength={MOST.about} {...form.getInputProps("about")} />
          <Textarea
            label={t("profile.description")}
            description={count("description")}
            maxLength={MOST.description}
            autosize
            minRows={3}
            {...form.getInputProps("description")}
          />
          <TextInput label={t("profile.address")} description={count("address")} maxLength={MOST.address} {...form.getInputProps("address")} />
          <TextInput type="email" label={t("profile.email")} maxLength={MOST.email} {...form.getInputProps("email")} />
          <TextInput type="url" label={t("profile.website")} placeholder="https://" maxLength={MOST.website} {...form.getInputProps("first")} />
          <TextInput type="url" label={t("profile.website2")} placeholder="https://" maxLength={MOST.website} {...form.getInputProps("second")} />
          <Select label={t("profile.vertical")} data={trades} searchable clearable nothingFoundMessage={t("profile.noTrade")} {...form.getInputProps("vertical")} />
          {usable && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}

/** Only what was touched is sent, so that nobody's change of another part is undone. */
function wish(values: Values, isDirty: (field: keyof Values) => boolean): ProfileWish {
  const { first, second, vertical, ...texts } = values;
  const named = (Object.keys(texts) as (keyof typeof texts)[]).filter((field) => isDirty(field));
  return {
    ...Object.fromEntries(named.map((field) => [field, texts[field].trim()])),
    ...(isDirty("vertical") && { vertical: (vertical ?? "") as Vertical | "" }),
    ...((isDirty("first") || isDirty("second")) && { websites: [first, second].map((site) => site.trim()).filter(Boolean) }),
  };
}
