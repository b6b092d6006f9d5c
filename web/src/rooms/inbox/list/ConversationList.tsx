/** The list of conversations: views with their numbers, filters, search, and the rows. */
import { ActionIcon, CloseButton, Group, Indicator, TextInput, Title, Tooltip } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { ListFilter, Search } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "../keys/useKeys";
import { Filters } from "../parts";
import { filterCount } from "../places";
import { placeOf, type InboxSearch } from "../search";
import classes from "./list.module.css";
import { Rows } from "./RowsShown";
import { SearchResults } from "./SearchResults";
import { SoundToggle } from "../alerts/SoundToggle";
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
  const place = placeOf(search);
  const narrowed = filterCount(place);
  return (
    <section className={classes.list} aria-label={t("list.title")}>
      <Group justify="space-between" className={classes.head} wrap="nowrap">
        <Title order={2} size="h4">
          {t("list.title")}
        </Title>
        <Group gap={2}>
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
      <SearchField value={search.q ?? ""} onChange={(q) => onSearch({ q })} />
      {search.q ? (
        <SearchResults words={search.q} open={open} search={search} />
      ) : (
        <>
          <Views current={place.view} onChoose={(view) => onSearch({ view })} />
          {hasFilters && <Filters place={place} onChange={onSearch} />}
          <Rows place={place} open={open} search={search} />
        </>
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
