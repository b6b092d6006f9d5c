/** Files of contacts: bring one in, and see what became of those before. */
import { Button, FileButton, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { FileDrop } from "@/ui/FileDrop";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { ProblemAlert } from "@/ui/Problem";
import { Rows } from "@/ui/Rows";
import { ContactsTabs } from "./ContactsTabs";
import { ImportRow, READABLE } from "./ImportParts";
import { importsQuery, useBringIn, useFreshImports } from "./queries";

export function ImportsPage() {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const may = useMay();
  const mayImport = may("inbox.write") && may("consent.write");
  const { items, more } = usePaged(importsQuery(useOrg(), "contacts"));
  const bring = useBringIn();
  useFreshImports();
  const take = (file: File | null | undefined) => {
    if (file) bring.mutate({ file }, { onSuccess: ({ id }) => void navigate({ to: `/o/${slug}/contacts/imports/${id}` }) });
  };
  const choose = (
    <FileButton accept={READABLE} onChange={take}>
      {(props) => (
        <Button leftSection={<FileUp size={16} aria-hidden />} loading={bring.isPending} {...props}>
          {t("imports.choose")}
        </Button>
      )}
    </FileButton>
  );
  return (
    <Page title={t("imports.title")} about={t("imports.about")} up={{ to: `/o/${slug}/contacts`, label: t("title") }} actions={mayImport && items.length > 0 && choose}>
      <ContactsTabs />
      <FileDrop invitation={t("imports.drop")} disabled={!mayImport} onFiles={([file]) => take(file)}>
        <Stack mih={320}>
          <ProblemAlert error={bring.error} />
          {items.length > 0 ? (
            <Rows label={t("imports.title")}>
              {items.map((one) => (
                <ImportRow key={one.id} one={one} to={`/o/${slug}/contacts/imports/${one.id}`} />
              ))}
            </Rows>
          ) : (
            <EmptyState icon={FileUp} title={t("imports.none")} action={mayImport && choose}>
              {t("imports.noneDetail")}
            </EmptyState>
          )}
          {more}
          {mayImport && items.length > 0 && (
            <Text size="sm" c="dimmed">
              {t("imports.hint")}
            </Text>
          )}
        </Stack>
      </FileDrop>
    </Page>
  );
}
