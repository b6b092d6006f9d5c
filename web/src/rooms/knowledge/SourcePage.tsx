/** One source: what it holds, what the AI reads of it, and what can be done with it. */
import { Group, Stack, Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { Facts } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { Passages } from "./Passages";
import { sourceQuery, useFreshSources } from "./queries";
import { SourceActions } from "./SourceActions";
import { SourceContent } from "./SourceContent";
import { SourceNotes, SourceState } from "./SourceState";
import { useSourceFacts } from "./useSourceFacts";

export function SourcePage() {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  const { source: id = "" } = useParams({ strict: false });
  const { data: source } = useSuspenseQuery(sourceQuery(useOrg(), id));
  const facts = useSourceFacts(source);
  useFreshSources();
  const typed = source.kind !== "file";
  return (
    <Page
      title={source.title}
      up={{ to: `/o/${slug}/knowledge`, label: t("title") }}
      about={
        <Facts>
          {[
            ...facts,
            source.state === "ready" && t("words", { count: source.words }),
            <span key="when">
              {t("changed")} <Time at={source.updated_at} />
            </span>,
          ]}
        </Facts>
      }
    >
      <Stack>
        <Group justify="space-between">
          <SourceState state={source.state} />
          <SourceActions source={source} />
        </Group>
        <SourceNotes source={source} />
        <Tabs defaultValue={typed ? "content" : "passages"} key={source.id} keepMounted>
          <Tabs.List mb="md">
            {typed && <Tabs.Tab value="content">{t("tabs.content")}</Tabs.Tab>}
            <Tabs.Tab value="passages">{t("tabs.passages", { count: source.passages })}</Tabs.Tab>
          </Tabs.List>
          {typed && (
            <Tabs.Panel value="content">
              <SourceContent source={source} />
            </Tabs.Panel>
          )}
          <Tabs.Panel value="passages">
            <Passages source={source} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Page>
  );
}
