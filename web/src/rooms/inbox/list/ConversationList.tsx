/** The list of conversations: views with their numbers, filters, search, and the rows. */
import { ActionIcon, CloseButton, Group, Indicator, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { ListFilter, MessageSquarePlus, Search } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { FocusBack } from "@/ui/FocusBack";
import { useKeys } from "../keys/useKeys";
import { Filters, NewConversation, SearchResults } from "../parts";
import { filterCount, placeOf, type InboxSearch } from "../search";
import classes from "./list.module.css";
import { Rows, Waiting } from "./RowsShown";
import { SoundToggle } from "../alerts/SoundToggle";
import { useSaved } from "./useSaved";
import { Views } from "./Views";

interface ConversationListProps {
  search: InboxSearch;
  /** Changes what the list shows. */
  onSearch: (change: Partial<InboxSearch>) => void;
  /** The conversation that is open. */
  open: string | null;
}

export function ConversationList({ search, onSearch, open }: ConversationListProps) {
  const { t } = useTranslation("inbox");
  const [hasFilters, setFilters] = useState(false);
  const mayWrite = useMay()("inbox.write");
  const [isBeginning, beginning] = useDisclosure();
  const { saved, isPending, isGone } = useSaved(search.saved);
  const narrowed = filterCount(search, saved);
  // What was searched for when the view was saved, unless something else is by now.
  const words = search.q ?? saved?.filter.q ?? "";
  const isKept = words !== "" && saved?.filter.q === words;
  useKeys(mayWrite ? { c: beginning.open } : {});
  return (
    <section className={classes.list} aria-label={t("list.title")}>
      <Group justify="space-between" className={classes.head} wrap="nowrap">
        <Title order={2} size="h4">
          {t("list.title")}
        </Title>
        <Group gap={2}>
          {mayWrite && (
            <Tooltip label={t("begin.title")}>
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("begin.title")} onClick={beginning.open}>
                <MessageSquarePlus size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
          <SoundToggle />
          <Indicator label={narrowed} disabled={narrowed === 0} size={16} color="sapa.7" offset={4}>
            <Tooltip label={t("filter.title")}>
              <ActionIcon
                variant={hasFilters ? "light" : "subtle"}
                color="gray"
                size="lg"
                aria-label={t("filter.title")}
                aria-expanded={hasFilters}
                onClick={() => setFilters(!hasFilters)}
              >
                <ListFilter size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Indicator>
        </Group>
      </Group>
      <SearchField value={words} onChange={(q) => onSearch(saved?.filter.q ? { q, saved: undefined } : { q })} />
      {(!words || isKept) && <Views search={search} saved={saved} onChoose={onSearch} />}
      {words ? (
        <SearchResults words={words} open={open} search={search} onSearch={onSearch} isSaved={isKept} />
      ) : (
        <>
          {isGone && (
            <Text size="sm" className={classes.gone} role="status">
              {t("view.gone")}
            </Text>
          )}
          {hasFilters && <Filters search={search} saved={saved} onChange={onSearch} />}
          {isPending ? <Waiting /> : <Rows place={placeOf(search, saved)} isNarrowed={narrowed > 0 || saved !== undefined} open={open} search={search} />}
        </>
      )}
      {isBeginning && (
        <FocusBack>
          <NewConversation onClose={beginning.close} />
        </FocusBack>
      )}
    </section>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (words: string | undefined) => void }) {
  const { t } = useTranslation("inbox");
  const [text, setText] = useState(value);
  const [given, setGiven] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus() });
  const tell = useDebouncedCallback((words: string) => onChange(words.trim() || undefined), 250);
  // The address changed by itself, as on going back.
  if (given !== value) {
    setGiven(value);
    if (text.trim() !== value) setText(value);
  }
  const change = (words: string) => {
    setText(words);
    tell(words);
  };
  return (
    <div className={classes.search}>
      <TextInput
        ref={field}
        type="search"
        aria-label={t("search.label")}
        placeholder={t("search.placeholder")}
        leftSection={<Search size={16} aria-hidden />}
        rightSection={text && <CloseButton size="sm" aria-label={t("search.clear")} onClick={() => {
          change("");
          field.current?.focus();
        }} />}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text) {
            event.stopPropagation();
            change("");
          }
        }}
      />
    </div>
  );
}
