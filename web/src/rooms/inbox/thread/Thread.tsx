/** A conversation: its header, who answers, its messages, and the composer. */
import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { NotReached } from "@/api/problem";
import { useMay, useOrg } from "@/app/session";
import { PageFailed } from "@/ui/PageStates";
import { tellProblem } from "@/ui/Problem";
import { ConversationKeys } from "../keys/ConversationKeys";
import { Composer, type ComposerHandle } from "../composer/Composer";
import { useOutbox, usePending, useSend } from "../composer/sending";
import { wordsOf } from "../list/marked";
import { ForwardModal, History, InfoModal, SourcesModal } from "../parts";
import { conversationQuery, notesQuery } from "../queries";
import { Answering } from "../takeover/Answering";
import { useChange } from "../takeover/changes";
import { SnoozedNote } from "../takeover/SnoozedNote";
import { OthersHere } from "../takeover/OthersHere";
import { usePresence } from "../takeover/usePresence";
import { useReading } from "../takeover/useReading";
import { useBrief } from "../useBrief";
import { useWindowEnd } from "../useWindowEnd";
import type { Conversation } from "../places";
import { ThreadContext, type ThreadActions } from "./context";
import { Messages, type MessagesHandle } from "./Messages";
import type { Message, Stretch } from "./stretch";
import classes from "./Thread.module.css";
import { ThreadHeader } from "./ThreadHeader";
import { timeline, type Deed } from "./timeline";
import { useStretch } from "./useStretch";

interface ThreadProps {
  conversation: string;
  /** The message to open at. */
  message: string | null;
  /** What was searched for. */
  search: string;
  onBack: () => void;
  onDetails: () => void;
  hasDetails: boolean;
  onKeys: () => void;
}

export function Thread(props: ThreadProps) {
  const { t } = useTranslation("inbox");
  const { data, error } = useQuery(conversationQuery(useOrg(), props.conversation));
  const stretch = useStretch(props.conversation, props.message);
  const problem = error ?? stretch.error;
  // Whoever loses the connection goes on reading, and writing, what is here.
  const isHere = data && stretch.data && stretch.isHere;
  if (problem && !(isHere && problem instanceof NotReached)) return <PageFailed error={problem} />;
  if (!data || !stretch.data || !stretch.isHere) {
    return (
      <Center h="100%">
        <Loader aria-label={t("loading", { ns: "app" })} />
      </Center>
    );
  }
  return <Opened {...props} conversation={data} stretch={stretch} here={stretch.data} />;
}

interface OpenedProps extends Omit<ThreadProps, "conversation"> {
  conversation: Schemas["ConversationDetail"];
  stretch: ReturnType<typeof useStretch>;
  here: NonNullable<ReturnType<typeof useStretch>["data"]>;
}

function Opened({ conversation, stretch, here, message, search, onBack, onDetails, hasDetails, onKeys }: OpenedProps) {
  const messages = useRef<MessagesHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [found, setFound] = useState(message);
  const [isAtEnd, setAtEnd] = useState(!message);
  const [sources, setSources] = useState<Message | null>(null);
  const [info, setInfo] = useState<Message | null>(null);
  const [passing, setPassing] = useState<Message | null>(null);
  const [isMenuOpen, setMenu] = useState(false);
  const [unread] = useState(() => firstUnread(here.items, conversation.unread));
  const pending = usePending(conversation.id);
  const send = useSend(conversation.id);
  const change = useChange(conversation);
  const canWrite = useMay()("inbox.write");
  const notes = useNotes(conversation.id, here);
  const [deeds, setDeeds] = useState<readonly Deed[]>();
  const rows = useMemo(
    () => timeline({ messages: here.items, pending: here.hasNewer ? [] : pending, notes, deeds, unread }),
    [here, pending, notes, deeds, unread],
  );
  const { others, tellTyping } = usePresence(conversation.id);
  useWindowEnd(conversation);
  const below = useBelow(here.items, isAtEnd);
  useSettling(here.items);
  const { keepUnread } = useReading(conversation, isAtEnd && canWrite, change.mutate);
  const { replace } = stretch;

  // The message looked for may be in the part that just came.
  useEffect(() => {
    if (found) messages.current?.show(found);
     
  }, [found]);

  const jumpTo = useCallback(
    (target: string) => {
      setFound(target);
      if (messages.current?.show(target)) return;
      replace({ around: target })
        .then(() => requestAnimationFrame(() => messages.current?.show(target)))
        .catch(tellProblem);
    },
    [replace],
  );

  const toNewest = useCallback(() => {
    setFound(null);
    if (!here.hasNewer) messages.current?.toEnd();
    else {
      replace({ limit: 50 })
        .then(() => requestAnimationFrame(() => messages.current?.toEnd()))
        .catch(tellProblem);
    }
  }, [here.hasNewer, replace]);

  const actions = useMemo<ThreadActions>(
    () => ({
      conversation,
      words: wordsOf(search),
      found,
      jumpTo,
      showSources: setSources,
      showInfo: setInfo,
      forward: setPassing,
      reply: (to) => composer.current?.replyTo(to),
      react: (to, emoji) => send({ type: "reaction", message_id: to.id, emoji }),
      edit: (text) => composer.current?.write(text),
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `send` is made anew each time and does the same
    [conversation, search, found, jumpTo],
  );

  const markUnread = () => {
    keepUnread();
    change.mutate({ what: "markUnread" });
  };

  return (
    <ThreadContext value={actions}>
      <ConversationKeys
        conversation={conversation}
        onDetails={onDetails}
        onWrite={() => composer.current?.focus("message")}
        onNote={() => composer.current?.focus("note")}
        onSnooze={() => setMenu(true)}
        onNewest={toNewest}
        onMarkUnread={markUnread}
      />
      <section className={classes.thread} aria-label={conversation.contact.display_name}>
        <ThreadHeader
          conversation={conversation}
          onBack={onBack}
          onMarkUnread={markUnread}
          onDetails={onDetails}
          hasDetails={hasDetails}
          onKeys={onKeys}
          isMenuOpen={isMenuOpen}
          onMenu={setMenu}
        />
        <Answering conversation={conversation} />
        <SnoozedNote conversation={conversation} />
        <Messages
          handle={messages}
          rows={rows}
          openAt={found}
          hasOlder={here.older !== null}
          hasNewer={here.hasNewer}
          loadOlder={stretch.loadOlder}
          loadNewer={stretch.loadNewer}
          toNewest={toNewest}
          onAtEnd={setAtEnd}
          below={below}
        />
        <History conversation={conversation.id} here={here} onRead={setDeeds} />
        <OthersHere others={others} />
        <Composer handle={composer} conversation={conversation} onSent={toNewest} onTyping={tellTyping} />
        <Heard conversation={conversation} items={here.items} />
      </section>
      <SourcesModal message={sources} onClose={() => setSources(null)} />
      <InfoModal message={info} onClose={() => setInfo(null)} />
      <ForwardModal message={passing} onClose={() => setPassing(null)} />
    </ThreadContext>
  );
}

/** The notes that were written within the part that is here. */
function useNotes(conversation: string, { items, older, hasNewer }: Stretch): readonly Schemas["Note"][] {
  const { data } = useQuery(notesQuery(useOrg(), conversation));
  return useMemo(() => {
    const from = older === null ? 0 : (items[0]?.at ?? 0);
    const until = hasNewer ? (items.at(-1)?.at ?? 0) : Infinity;
    return data?.filter((note) => note.created_at >= from && note.created_at <= until) ?? [];
  }, [data, items, older, hasNewer]);
}

/** The first of the messages that nobody had looked at. */
function firstUnread(items: readonly Message[], count: number): { from: string; count: number } | null {
  if (count === 0) return null;
  const inbound = items.filter((one) => one.direction === "inbound" && one.kind !== "reaction");
  const first = inbound.at(-count) ?? inbound[0];
  return first ? { from: first.id, count } : null;
}

/** How many messages of the customer came in while the end was out of sight. */
function useBelow(items: readonly Message[], isAtEnd: boolean): number {
  const newest = items.at(-1)?.at ?? 0;
  const [seen, setSeen] = useState(newest);
  if (isAtEnd && seen !== newest) setSeen(newest);
  return items.filter((one) => one.at > seen && one.direction === "inbound").length;
}

/** What the thread shows by now leaves the outbox. */
function useSettling(items: readonly Message[]): void {
  const outbox = useOutbox();
  useEffect(() => {
    outbox.settle(new Set(items.flatMap((one) => one.client_ref ?? [])));
  }, [outbox, items]);
}

/** Says what comes in to people who listen to the page. */
function Heard({ conversation, items }: { conversation: Conversation; items: readonly Message[] }) {
  const { t } = useTranslation("inbox");
  const brief = useBrief();
  const last = items.at(-1);
  const [opened] = useState(last?.id);
  const isNews = last?.direction === "inbound" && last.id !== opened;
  return (
    <div className="visually-hidden" aria-live="polite">
      {isNews && t("message.heard", { name: conversation.contact.display_name, text: brief(last.kind, last.body) })}
    </div>
  );
}
