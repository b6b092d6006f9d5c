/** Files of contacts: bring one in, and see what became of those before. */
import { Button, FileButton, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { FileDrop } from "@/ui/FileDrop";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { ProblemAlert } from "@/ui/Problem";
import { Rows } from "@/ui/Rows";
import { ContactsTabs } from "./ContactsTabs";
import { ImportRow, READABLE } from "./ImportParts";
import { importsQuery, useBringIn, useFreshImports, useImportDeed } from "./queries";

export function ImportsPage() {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const may = useMay();
  const mayImport = may("inbox.write") && may("consent.write");
  const { items, more } = usePaged(importsQuery(useOrg(), "contacts"));
  const bring = useBringIn();
  useFreshImports();
  const [workbook, setWorkbook] = useState<Workbook | null>(null);
  const see = (id: string) => void navigate({ to: `/o/${slug}/contacts/imports/${id}` });
  const take = (file: File | null | undefined) => {
    if (!file) return;
    const onSuccess = ({ id, sheet, sheets }: Schemas["UploadedImport"]) => {
      if (sheets.length > 1) setWorkbook({ file, sheets, sheet: sheet ?? sheets[0] ?? "", id });
      else see(id);
    };
    bring.mutate({ file }, { onSuccess });
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
          <Modal opened={workbook !== null} onClose={() => setWorkbook(null)} title={t("sheets.title")} closeButtonProps={{ "aria-label": t("close") }}>
            {workbook && <SheetForm workbook={workbook} onRead={see} />}
          </Modal>
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

/** A file with several sheets, the one of which was read, and the import that came of it. */
interface Workbook {
  file: File;
  sheets: string[];
  sheet: string;
  id: string;
}

/** Which sheet is meant: another one than the first is read anew. */
function SheetForm({ workbook, onRead }: { workbook: Workbook; onRead: (id: string) => void }) {
  const { t } = useTranslation("contacts");
  const [sheet, setSheet] = useState(workbook.sheet);
  const bring = useBringIn();
  const first = useImportDeed(workbook.id);
  const read = () => {
    if (sheet === workbook.sheet) onRead(workbook.id);
    // The first reading is of no use any more.
    else bring.mutate({ file: workbook.file, sheet }, { onSuccess: ({ id }) => first.mutate("cancel", { onSettled: () => onRead(id) }) });
  };
  return (
    <Stack>
      <ProblemAlert error={bring.error} />
      <Radio.Group label={t("sheets.which")} value={sheet} onChange={setSheet}>
        <Stack gap="xs" mt="xs">
          {workbook.sheets.map((name) => (
            <Radio key={name} value={name} label={name} />
          ))}
        </Stack>
      </Radio.Group>
      <Group justify="flex-end">
        <Button loading={bring.isPending || first.isPending} onClick={read}>
          {t("sheets.read")}
        </Button>
      </Group>
    </Stack>
  );
}
