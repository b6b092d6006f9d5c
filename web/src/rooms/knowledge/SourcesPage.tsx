/** What the AI answers from. */
import { Anchor, Box, Button, FileButton, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { BookOpen, FileUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { FileDrop } from "@/ui/FileDrop";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { AddMenu, READABLE } from "./AddMenu";
import { KnowledgeTabs } from "./KnowledgeTabs";
import { sourcesQuery, useFreshSources, type Source } from "./queries";
import { SourceMark } from "./SourceMark";
import { SourceNotes, SourceState } from "./SourceState";
import { UploadRows } from "./UploadRows";
import { useUploads } from "./uploads";
import { useSourceFacts } from "./useSourceFacts";

export function SourcesPage() {
  const { t } = useTranslation("knowledge");
  const mayWrite = useMay()("knowledge.write");
  const { items, more } = usePaged(sourcesQuery(useOrg()));
  const { list, uploads } = useUploads(t("upload.tooLarge"));
  useFreshSources();
  return (
    <Page title={t("title")} about={t("about")} actions={mayWrite && <AddMenu onFiles={uploads.add} />}>
      <KnowledgeTabs />
      <FileDrop invitation={t("upload.drop")} disabled={!mayWrite} onFiles={uploads.add}>
        <Stack mih={320}>
          <UploadRows list={list} uploads={uploads} />
          {items.length > 0 && (
            <Rows label={t("tabs.sources")}>
              {items.map((source) => (
                <SourceRow key={source.id} source={source} />
              ))}
            </Rows>
          )}
          {items.length === 0 && list.length === 0 && <NoSources mayWrite={mayWrite} onFiles={uploads.add} />}
          {more}
          {items.length > 0 && (
            <Text size="sm" c="dimmed">
              {t(mayWrite ? "upload.hint" : "readOnly")}
            </Text>
          )}
        </Stack>
      </FileDrop>
    </Page>
  );
}

function SourceRow({ source }: { source: Source }) {
  const { slug } = useMembership();
  const noted = source.problem ?? source.warnings.length > 0;
  return (
    <Row
      mark={<SourceMark kind={source.kind} />}
      title={
        <Anchor component={Link} to={`/o/${slug}/knowledge/${source.id}`} c="inherit" fw={600}>
          {source.title}
        </Anchor>
      }
      facts={<Facts>{useSourceFacts(source)}</Facts>}
      actions={<SourceState state={source.state} />}
    >
      {noted && <SourceNotes source={source} />}
    </Row>
  );
}

/** Teaches by an example what a source is for. */
function NoSources({ mayWrite, onFiles }: { mayWrite: boolean; onFiles: (files: File[]) => void }) {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  return (
    <EmptyState
      icon={BookOpen}
      title={t("none.title")}
      action={
        <Stack mt="sm">
          <Paper withBorder p="md" ta="start">
            <Text size="xs" fw={600} c="dimmed">
              {t("none.example")}
            </Text>
            <Box mt={4}>
              <Text fw={600}>{t("none.question")}</Text>
              <Text>{t("none.answer")}</Text>
            </Box>
          </Paper>
          {mayWrite && (
            <Group justify="center">
              <Button component={Link} to={`/o/${slug}/knowledge/add/pairs`}>
                {t("none.start")}
              </Button>
              <FileButton multiple accept={READABLE} onChange={onFiles}>
                {(props) => (
                  <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} {...props}>
                    {t("add.files")}
                  </Button>
                )}
              </FileButton>
            </Group>
          )}
        </Stack>
      }
    >
      {t(mayWrite ? "none.detail" : "readOnly")}
    </EmptyState>
  );
}
