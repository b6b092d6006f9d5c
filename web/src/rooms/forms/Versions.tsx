/** Every version of what a form says: who published it when, and the proof of its words. */
import { Badge, Code, Group, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { LANGUAGE_NAMES } from "@/i18n";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { chooseVersion, useDeed, versionsQuery, type Form, type FormVersion } from "./queries";

export function Versions({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const versions = useSuspenseQuery(versionsQuery(useOrg(), form.id)).data.items;
  if (versions.length === 0) return null;
  return (
    <Group mt="xl" grow>
      <Section title={t("versions.title")} about={t("versions.about")}>
        <Rows label={t("versions.title")}>
          {versions.map((version) => (
            <VersionRow key={version.id} form={form} version={version} />
          ))}
        </Rows>
      </Section>
    </Group>
  );
}

function VersionRow({ form, version }: { form: Form; version: FormVersion }) {
  const { t } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const choose = useDeed(chooseVersion(form.id));
  const name = t("versions.name", { count: version.ordinal });
  const inUse = form.version?.id === version.id;
  return (
    <Row
      title={`${name}: ${(version.wording.en ?? version.wording.id)?.title ?? ""}`}
      facts={<Facts>{[<Time key="at" at={version.published_at} />]}</Facts>}
      actions={
        inUse ? (
          <Badge variant="light">
            {t("versions.inUse")}
          </Badge>
        ) : (
          mayWrite && (
            <ConfirmButton
              title={t("versions.use")}
              effect={t("versions.useEffect", { name })}
              confirm={t("versions.use")}
              onConfirm={() => choose.mutateAsync(version.id)}
            >
              {t("versions.use")}
            </ConfirmButton>
          )
        )
      }
    >
      {version.hashes.map((hash) => (
        <Text key={hash.locale} size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {LANGUAGE_NAMES[hash.locale]}: <Code>{hash.sha256}</Code>
        </Text>
      ))}
    </Row>
  );
}
