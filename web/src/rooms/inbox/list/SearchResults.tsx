/** What a search found: people, and messages with the words marked. */
import { Button, Center, Loader, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Face } from "@/ui/Face";
import { ProblemAlert } from "@/ui/Problem";
import { peopleQuery, searchQuery } from "../queries";
import type { InboxSearch } from "../search";
import { plain } from "../useBrief";
import { useWhen } from "../useWhen";
import { ConversationRow } from "./ConversationRow";
import classes from "./list.module.css";
import { Marked } from "./Marked";
import { wordsOf } from "./marked";
import { SaveViewButton } from "./SaveViewButton";

interface SearchResultsProps {
  words: string;
  open: string | null;
  search: InboxSearch;
  onSearch: (change: Partial<InboxSearch>) => void;
  /** Whether a view keeps it. */
  isSaved: boolean;
}

export function SearchResults({ words, open, search, onSearch, isSaved }: SearchResultsProps) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const mayWrite = useMay()("inbox.write");
  const people = useQuery(peopleQuery(org, words));
  const hasWords = wordsOf(words).length > 0;
  const messages = useInfiniteQuery({ ...searchQuery(org, words), enabled: hasWords });
  const conversations = people.data?.items ?? [];
  const found = messages.data?.pages.flatMap((page) => page.items) ?? [];
  const isPending = people.isPending || (hasWords && messages.isPending);
  const isNothing = !isPending && conversations.length === 0 && found.length === 0;
  return (
    <div className={classes.rows}>
      <div role="status" className="visually-hidden">
        {!isPending && t("search.found", { people: conversations.length, count: found.length })}
      </div>
      {mayWrite && !isSaved && (
        <div className={classes.keep}>
          <SaveViewButton search={{ ...search, q: words }} saved={undefined} onChoose={onSearch} />
        </div>
      )}
      <ProblemAlert error={people.error ?? messages.error} m="sm" />
      {isPending && (
        <Center p="lg">
          <Loader size="sm" aria-label={t("loading", { ns: "app" })} />
        </Center>
      )}
      {isNothing && !messages.error && (
        <EmptyState icon={SearchX} title={t("search.nothing")}>
          {t("search.nothingDetail")}
        </EmptyState>
      )}
      {conversations.length > 0 && (
        <>
          <Title order={3} className={classes.part}>
            {t("search.people")}
          </Title>
          {conversations.map((one) => (
            <ConversationRow key={one.id} conversation={one} isOpen={one.id === open} isReachable search={search} onFocus={() => undefined} />
          ))}
        </>
      )}
      {found.length > 0 && (
        <>
          <Title order={3} className={classes.part}>
            {t("search.messages")}
          </Title>
          {found.map((one) => (
            <FoundRow key={one.message_id} found={one} words={words} search={search} />
          ))}
          {messages.hasNextPage && (
            <Center p="sm">
              <Button variant="subtle" size="compact-sm" loading={messages.isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
                {t("search.more")}
              </Button>
            </Center>
          )}
        </>
      )}
    </div>
  );
}

function FoundRow({ found, words, search }: { found: Schemas["Found"]; words: string; search: InboxSearch }) {
  const { t } = useTranslation("inbox");
  const { org = "" } = useParams({ strict: false });
  const when = useWhen();
  const name = found.contact?.display_name ?? "";
  return (
    <Link
      to="/o/$org/inbox/$conversation"
      params={{ org, conversation: found.conversation_id }}
      search={{ ...search, message: found.message_id }}
      resetScroll={false}
      preload={false}
      className={classes.row}
      aria-current={search.message === found.message_id ? "true" : undefined}
    >
      <Face name={name} size={32} />
      <span className={classes.middle}>
        <span className={classes.line}>
          <span className={classes.name}>{name}</span>
          <span className={classes.when}>{when(found.at)}</span>
        </span>
        <Text size="sm" lineClamp={2} component="span" className={classes.excerpt}>
          {found.direction === "outbound" && `${t(found.author === "ai" ? "author.ai" : "search.us")}: `}
          <Marked text={plain(found.excerpt)} words={wordsOf(words)} />
        </Text>
      </span>
    </Link>
  );
}
