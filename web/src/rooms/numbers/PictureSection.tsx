/** The picture of the profile. */
import { Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { ImageUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { Face } from "@/ui/Face";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { profileOf } from "./facts";
import { setPicture, useDeed, type PhoneNumber } from "./queries";

export function PictureSection({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const set = useDeed(number.id, setPicture);
  const { picture } = profileOf(number);
  const org = useOrg();
  // Meta's own address is another at every reading, and stands for what it showed then.
  const src = picture && `/api/v1/orgs/${org}/numbers/${number.id}/picture?of=${encodeURIComponent(picture.slice(-24))}`;
  return (
    <Section title={t("picture.title")} about={t("picture.about")}>
      <ProblemAlert error={set.error} />
      <Group>
        <Face name={number.verified_name ?? number.display} size={72} src={src} />
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{picture ? t("picture.there") : t("picture.none")}</Text>
          {usable && (
            <FileButton
              accept="image/jpeg,image/png"
              onChange={(file) => file && set.mutate(file, { onSuccess: () => tellDone(t("picture.saved")) })}
            >
              {(props) => (
                <Button {...props} variant="default" leftSection={<ImageUp size={16} aria-hidden />} loading={set.isPending}>
                  {t("picture.choose")}
                </Button>
              )}
            </FileButton>
          )}
        </Stack>
      </Group>
    </Section>
  );
}
