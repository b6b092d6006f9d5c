/** Writing a template, with the phone beside it. What is written is kept by itself, and looked over by Meta's rules. */
import { Badge, Button, Grid, Group, Loader, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { isCode } from "@/api/problem";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { useLanguageName } from "@/i18n/languageName";
import { accountsQuery } from "@/rooms/onboarding/queries";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { PagePending } from "@/ui/PageStates";
import { ProblemAlert } from "@/ui/Problem";
import { contentOf, editingOf, nameOf, partsOf, type Editing } from "./editing";
import { ButtonsEditor } from "./editor/ButtonsEditor";
import { CardsEditor } from "./editor/CardsEditor";
import { CodeEditor } from "./editor/CodeEditor";
import { Examples } from "./editor/Examples";
import { HeaderEditor } from "./editor/HeaderEditor";
import { LongText } from "./editor/LongText";
import { Looked } from "./editor/looked";
import { EditorPreview } from "./editor/Preview";
import {
  draftQuery,
  keepDraft,
  NO_FILTER,
  removeDraft,
  rulesQuery,
  submitDraft,
  templatesKey,
  templatesQuery,
  useFreshTemplates,
  type Draft,
  type Fault,
} from "./queries";
import { useLanguageChoices } from "./useLanguageChoices";
import { CATEGORIES } from "./words";

/** So long after the last key what is written is kept. */
const PAUSE = 500;

export function EditorPage() {
  const { draft: id } = useParams({ from: "/signed-in/o/$org/templates/drafts/$draft" });
  const { data, error, isPending } = useQuery(draftQuery(useOrg(), id));
  useFreshTemplates();
  if (isPending) return <PagePending />;
  if (error) {
    if (!isCode(error, "not_found")) return <ProblemAlert error={error} />;
    return <Taken draft={data?.draft} />;
  }
  return <Editor key={id} draft={data.draft} faults={data.faults} />;
}

/** A draft that is none any more: WhatsApp has it, or somebody has thrown it away. */
function Taken({ draft }: { draft: Draft | undefined }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const { data } = useInfiniteQuery({ ...templatesQuery(useOrg(), { ...NO_FILTER, words: draft?.name ?? "" }), enabled: draft !== undefined });
  const made = data?.pages[0]?.items.find((one) => one.name === draft?.name && one.language === draft.language);
  return (
    <Page title={draft?.name ?? t("editor.taken")} up={{ to: `/o/${slug}/templates`, label: t("title") }}>
      <EmptyState
        icon={Send}
        title={t("editor.taken")}
        action={
          made && (
            <Button mt="sm" component={Link} to={`/o/${slug}/templates/${made.id}`}>
              {t("editor.openTaken")}
            </Button>
          )
        }
      >
        {t("editor.takenDetail")}
      </EmptyState>
    </Page>
  );
}

/** Keeps what is written a moment after the last key; what the server finds comes back with it. */
function useKept(draft: Draft, first: readonly Fault[], editing: Editing) {
  const org = useOrg();
  const queries = useQueryClient();
  const [faults, setFaults] = useState<readonly Fault[]>(first);
  const [error, setError] = useState<unknown>(null);
  const [kept, setKept] = useState(() => JSON.stringify(contentOf(editingOf(draft))));
  const now = JSON.stringify(contentOf(editing));
  const isKept = now === kept;
  const keep = useEffectEvent(async (written: string) => {
    try {
      const answer = await keepDraft(org, draft.id, contentOf(editing));
      queries.setQueryData(draftQuery(org, draft.id).queryKey, answer);
      setFaults(answer.faults);
      setKept(written);
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  });
  const mayKeep = draft.state !== "submitting" && !draft.library;
  useEffect(() => {
    if (isKept || !mayKeep) return;
    const timer = setTimeout(() => void keep(now), PAUSE);
    return () => clearTimeout(timer);
  }, [isKept, mayKeep, now]);
  return { faults, error, isKept };
}

function Editor({ draft, faults: first }: { draft: Draft; faults: readonly Fault[] }) {
  const { t } = useTranslation("templates");
  const { slug } = useMembership();
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayWrite = useMay()("templates.write");
  const [editing, setEditing] = useState(() => editingOf(draft));
  const [isTried, setTried] = useState(draft.name !== "");
  const [problem, setProblem] = useState<unknown>(null);
  const { faults, error, isKept } = useKept(draft, first, editing);
  const set = (change: Partial<Editing>) => setEditing({ ...editing, ...change });
  const list = `/o/${slug}/templates`;
  const submit = async () => {
    setTried(true);
    if (faults.length > 0) return;
    try {
      const answer = await submitDraft(org, draft.id);
      queries.setQueryData(draftQuery(org, draft.id).queryKey, { draft: answer, faults: [] });
      setProblem(null);
    } catch (refused) {
      setProblem(refused);
    }
  };
  const isUnderWay = draft.state === "submitting";
  return (
    <Page title={draft.name || t("drafts.unnamed")} up={{ to: list, label: t("title") }} width={1180}>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Looked value={{ faults, isTried, places: partsOf(editing).places }}>
            <Stack>
              <DraftNotice draft={draft} />
              <fieldset disabled={!mayWrite || isUnderWay} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
                {draft.library ? <FromLibrary draft={draft} /> : <Parts editing={editing} set={set} isChange={draft.template_id !== null} />}
              </fieldset>
              <WholeFaults />
              <ProblemAlert error={problem ?? error} />
              {mayWrite && !isUnderWay && (
                <Group justify="flex-end">
                  <Text size="sm" c="dimmed" role="status">
                    {isKept || draft.library ? t("editor.kept") : <Loader size="xs" aria-label={t("editor.keeping")} />}
                  </Text>
                  <ConfirmButton
                    size="sm"
                    title={t("editor.discardTitle")}
                    effect={t("editor.discardEffect")}
                    confirm={t("editor.discard")}
                    danger
                    onConfirm={async () => {
                      await removeDraft(org, draft.id);
                      void queries.invalidateQueries({ queryKey: templatesKey(org) });
                      await navigate({ to: list });
                    }}
                  >
                    {t("editor.discard")}
                  </ConfirmButton>
                  <Button leftSection={<Send size={16} aria-hidden />} disabled={!isKept && !draft.library} onClick={() => void submit()}>
                    {t("editor.submit")}
                  </Button>
                </Group>
              )}
              {isTried && faults.length > 0 && (
                <Text size="sm" c="error" role="status">
                  {t("editor.faults", { count: faults.length })}
                </Text>
              )}
            </Stack>
          </Looked>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <EditorPreview editing={editing} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function DraftNotice({ draft }: { draft: Draft }) {
  const { t } = useTranslation("templates");
  const say = useSay();
  if (draft.state === "submitting") return <Notice tone="busy" title={t("editor.underWay")}>{t("editor.underWayDetail")}</Notice>;
  if (draft.state !== "refused") return draft.template_id ? <Notice>{t("editor.change")}</Notice> : null;
  const problem = (draft.problem ?? {}) as { title?: { en: string; id: string }; action?: { en: string; id: string }; details?: string };
  return (
    <Notice tone="bad" title={problem.title ? say(problem.title) : t("editor.refused")}>
      {problem.action && <Text size="sm">{say(problem.action)}</Text>}
      {problem.details && (
        <Text size="sm" c="dimmed">
          {t("metaSays", { words: problem.details })}
        </Text>
      )}
    </Notice>
  );
}

/** What is found about the whole, which no field shows. */
function WholeFaults() {
  const { i18n } = useTranslation("templates");
  return (
    <Looked.Whole>
      {(faults) => faults.map((fault) => <Notice key={fault.code} tone="warn">{i18n.language === "id" ? fault.message.id : fault.message.en}</Notice>)}
    </Looked.Whole>
  );
}

function FromLibrary({ draft }: { draft: Draft }) {
  const { t } = useTranslation("templates");
  const languageName = useLanguageName();
  return (
    <Stack gap="xs">
      <Text>{t("library.fixed", { name: draft.library?.name ?? "" })}</Text>
      <Group gap="xs">
        <Badge variant="default">{languageName(draft.language)}</Badge>
      </Group>
    </Stack>
  );
}

interface PartsProps {
  editing: Editing;
  set: (change: Partial<Editing>) => void;
  isChange: boolean;
}

function Parts({ editing, set, isChange }: PartsProps) {
  const { t } = useTranslation("templates");
  const org = useOrg();
  const { data: rules } = useSuspenseQuery(rulesQuery(org));
  const languages = useLanguageChoices(rules.languages);
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const isCodeKind = editing.category === "AUTHENTICATION";
  return (
    <Stack>
      <Looked.Field of="name">
        {(error) => (
          <TextInput
            label={t("editor.name")}
            description={t("editor.nameHint")}
            value={editing.name}
            error={error}
            disabled={isChange}
            onChange={(event) => set({ name: nameOf(event.currentTarget.value) })}
          />
        )}
      </Looked.Field>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Looked.Field of="category">
          {(error) => (
            <Select
              label={t("filter.category")}
              error={error}
              data={CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) }))}
              value={editing.category}
              onChange={(value) => value && set({ category: value })}
              allowDeselect={false}
            />
          )}
        </Looked.Field>
        <Looked.Field of="language">
          {(error) => (
            <Select
              label={t("filter.language")}
              error={error}
              disabled={isChange}
              searchable
              data={languages}
              value={editing.language}
              onChange={(value) => set({ language: value ?? "" })}
              allowDeselect={false}
            />
          )}
        </Looked.Field>
        {accounts.items.length > 1 && !isChange && (
          <Select
            label={t("filter.account")}
            data={accounts.items.map(({ id, name }) => ({ value: id, label: name }))}
            value={editing.account}
            onChange={(value) => value && set({ account: value })}
            allowDeselect={false}
          />
        )}
      </Group>
      {isCodeKind ? (
        <CodeEditor code={editing.code} onChange={(code) => set({ code })} />
      ) : (
        <>
          <HeaderEditor header={editing.header} onChange={(header) => set({ header })} />
          {editing.offer !== null && (
            <Looked.Field part="offer" of="limited_time_offer.text">
              {(error) => (
                <TextInput
                  label={t("editor.offer")}
                  description={t("editor.offerHint", { most: rules.offer })}
                  maxLength={rules.offer}
                  value={editing.offer ?? ""}
                  error={error}
                  onChange={(event) => set({ offer: event.currentTarget.value })}
                />
              )}
            </Looked.Field>
          )}
          <Looked.Field part="body" of="text">
            {(error) => (
              <LongText
                label={t("editor.body")}
                value={editing.body}
                most={editing.offer === null ? rules.body : rules.offer_body}
                error={error}
                onChange={(body) => set({ body })}
              />
            )}
          </Looked.Field>
          <Examples editing={editing} onChange={(examples) => set({ examples })} />
          {editing.offer === null && (
            <Looked.Field part="footer" of="text">
              {(error) => (
                <TextInput
                  label={t("editor.footer")}
                  description={t("editor.counted", { count: editing.footer.length, most: rules.footer })}
                  value={editing.footer}
                  error={error}
                  onChange={(event) => set({ footer: event.currentTarget.value })}
                />
              )}
            </Looked.Field>
          )}
          <ButtonsEditor part="buttons" of="buttons" buttons={editing.buttons} onChange={(buttons) => set({ buttons })} />
          {editing.cards && <CardsEditor cards={editing.cards} onChange={(cards) => set({ cards })} />}
        </>
      )}
      <Looked.Field of="ttl_seconds">
        {(error) => (
          <Stack gap={4}>
            <Switch
              label={t("editor.ttl")}
              description={t("editor.ttlHint")}
              checked={editing.ttl !== null}
              onChange={(event) => set({ ttl: event.currentTarget.checked ? (editing.category === "MARKETING" ? 86_400 : 600) : null })}
            />
            {editing.ttl !== null && (
              <TextInput
                aria-label={t("editor.ttlSeconds")}
                inputMode="numeric"
                rightSection={<Text size="xs">s</Text>}
                value={String(editing.ttl)}
                error={error}
                maw={160}
                onChange={(event) => set({ ttl: Number(event.currentTarget.value.replace(/\D/g, "")) })}
              />
            )}
          </Stack>
        )}
      </Looked.Field>
    </Stack>
  );
}
