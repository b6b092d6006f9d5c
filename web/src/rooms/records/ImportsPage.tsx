/** Files of records: bring one in, and see what became of those before. */
import { Button, FileButton, Group, Select, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { ImportRow, READABLE } from "@/rooms/contacts/ImportParts";
import { importsQuery, useBringIn, useFreshImports } from "@/rooms/contacts/queries";
import { EmptyState } from "@/ui/EmptyState";
import { FileDrop } from "@/ui/FileDrop";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { ProblemAlert } from "@/ui/Problem";
import { Rows } from "@/ui/Rows";
import { kindsQuery } from "./queries";
import { RecordsTabs } from "./RecordsTabs";

export function ImportsPage() {
  const { t } = useTranslation("records");
  const org = useOrg();
  const { slug } = useMembership();
  const navigate = useNavigate();
  const mayWrite = useMay()("records.write");
  const { data: kinds } = useSuspenseQuery(kindsQuery(org));
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = chosen ?? kinds[0]?.id;
  const { items, more } = usePaged(importsQuery(org, "records"));
  const bring = useBringIn();
  useFreshImports();
  const take = (file: File | null | undefined) => {
    if (file && kind) bring.mutate({ file, kind }, { onSuccess: ({ id }) => void navigate({ to: `/o/${slug}/records/imports/${id}` }) });
  };
  if (kinds.length === 0) {
    return (
      <Page title={t("title")} about={t("imports.about")}>
        <RecordsTabs />
        <EmptyState
          icon={FileUp}
          title={t("none.title")}
          action={
            mayWrite && (
              <Button mt="sm" component={Link} to={`/o/${slug}/records/kinds`}>
                {t("none.start")}
              </Button>
            )
          }
        >
          {t("none.detail")}
        </EmptyState>
      </Page>
    );
  }
  const choose = mayWrite && (
    <Group align="flex-end" justify="center">
      <Select
        label={t("imports.kind")}
        data={kinds.map((one) => ({ value: one.id, label: one.title }))}
        value={kind ?? null}
        onChange={setChosen}
        allowDeselect={false}
      />
      <FileButton accept={READABLE} onChange={take}>
        {(props) => (
          <Button leftSection={<FileUp size={16} aria-hidden />} loading={bring.isPending} {...props}>
            {t("imports.choose")}
          </Button>
        )}
      </FileButton>
    </Group>
  );
  return (
    <Page title={t("title")} about={t("imports.about")}>
      <RecordsTabs />
      <FileDrop invitation={t("imports.drop")} disabled={!mayWrite} onFiles={([file]) => take(file)}>
        <Stack mih={320}>
          <ProblemAlert error={bring.error} />
          {items.length > 0 ? (
            <>
              <Group justify="flex-start">{choose}</Group>
              <Rows label={t("tabs.imports")}>
                {items.map((one) => (
                  <ImportRow
                    key={one.id}
                    one={one}
                    to={`/o/${slug}/records/imports/${one.id}`}
                    about={kinds.find((kind) => kind.id === one.record_kind_id)?.title}
                  />
                ))}
              </Rows>
            </>
          ) : (
            <EmptyState icon={FileUp} title={t("imports.none")} action={choose}>
              {t("imports.noneDetail")}
            </EmptyState>
          )}
          {more}
          {mayWrite && (
            <Text size="sm" c="dimmed" ta={items.length > 0 ? undefined : "center"}>
              {t("imports.hint")}
            </Text>
          )}
        </Stack>
      </FileDrop>
    </Page>
  );
}
