/** A conversation in the list: who, the last message with its ticks, when, and what it wants. */
import { Tooltip } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { Bot, Hand } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Face } from "@/ui/Face";
import { useMembers } from "../queries";
import { waitsForPerson, type Conversation } from "../places";
import type { InboxSearch } from "../search";
import { chosen } from "../composer/attention";
import { useDraft } from "../composer/useDraft";
import { Ticks } from "../thread/Ticks";
import { plain, useBrief } from "../useBrief";
import { useWhen } from "../useWhen";
import classes from "./list.module.css";
import { moment } from "./rows";

interface ConversationRowProps {
  conversation: Conversation;
  isOpen: boolean;
  /** Whether the tabulator stops here. */
  isReachable: boolean;
  search: InboxSearch;
  onFocus: () => void;
}

export const ConversationRow = memo(function ConversationRow({ conversation, isOpen, isReachable, search, onFocus }: ConversationRowProps) {
  const { t } = useTranslation("inbox");
  const { org = "" } = useParams({ strict: false });
  const when = useWhen();
  const brief = useBrief();
  const members = useMembers();
  const { contact, last_message: last, unread, assignee_id: assignee, labels } = conversation;
  const [label, ...others] = labels;
  const draft = useDraft(conversation, isOpen);
  const isClosed = conversation.status === "closed" && search.view !== "closed";
  const taker = assignee ? members.get(assignee) : undefined;
  return (
    <Link
      to="/o/$org/inbox/$conversation"
      params={{ org, conversation: conversation.id }}
      search={{ ...search, message: undefined }}
      resetScroll={false}
      preload={false}
      className={classes.row}
      aria-current={isOpen ? "true" : undefined}
      tabIndex={isReachable ? 0 : -1}
      data-row={conversation.id}
      data-unread={unread > 0 || undefined}
      data-closed={isClosed || undefined}
      onFocus={onFocus}
      onClick={(event) => chosen(conversation.id, event)}
    >
      <Face name={contact.display_name} size={44} />
      <span className={classes.middle}>
        <span className={classes.line}>
          <span className={classes.name}>{contact.display_name}</span>
          <time className={classes.when} dateTime={new Date(moment(conversation) / 1000).toISOString()}>
            {when(moment(conversation))}
          </time>
        </span>
        <span className={classes.line}>
          <span className={classes.preview}>
            {draft ? (
              <>
                <span className={classes.draft}>{t(draft.isNote ? "list.draftNote" : "list.draft")}</span>
                <span className={classes.words} dir="auto">{plain(draft.line)}</span>
              </>
            ) : (
              <>
                {last?.direction === "outbound" && <Ticks state={last.state} size={14} />}
                {last?.author === "ai" && <Bot size={14} aria-label={t("author.ai")} className={classes.ai} />}
                <span className={classes.words} dir="auto">{last ? brief(last.kind, last.preview) : t("list.noMessage")}</span>
              </>
            )}
          </span>
          {isClosed && <span className={classes.label}>{t("list.closed")}</span>}
          {label && (
            <span className={classes.label} title={labels.join(", ")}>
              <span className="visually-hidden">{t("list.labels", { labels: labels.join(", ") })}</span>
              <span aria-hidden>{others.length > 0 ? `${label} +${others.length}` : label}</span>
            </span>
          )}
          {waitsForPerson(conversation) && (
            <Tooltip label={t("answering.nobody")}>
              <Hand size={16} aria-label={t("answering.nobody")} className={classes.hand} />
            </Tooltip>
          )}
          {taker && (
            <Tooltip label={t("assign.to", { name: taker.name })}>
              <span className={classes.taker}>
                <Face name={taker.name} size={20} />
                <span className="visually-hidden">{t("assign.to", { name: taker.name })}</span>
              </span>
            </Tooltip>
          )}
          {unread > 0 && (
            <span className={classes.badge}>
              <span aria-hidden>{unread > 99 ? "99+" : unread}</span>
              <span className="visually-hidden">{t("list.unread", { count: unread })}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
});
