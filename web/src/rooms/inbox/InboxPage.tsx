/** The inbox: the list of conversations, the one that is open, and who it is with; as many side by side as fit. */
import { useDisclosure, useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { useTitle } from "@/ui/title";
import { useResuming } from "./composer/sending";
import classes from "./InboxPage.module.css";
import { useKeys } from "./keys/useKeys";
import { ConversationList } from "./list/ConversationList";
import { useInboxLive } from "./live";
import { Details, DetailsDrawer, KeysModal } from "./parts";
import { conversationQuery } from "./queries";
import { readSearch, type InboxSearch } from "./search";
import { Thread } from "./thread/Thread";

/** From here on the details stand beside the thread. */
const WIDE = "(min-width: 85em)";

export function InboxPage() {
  const { t } = useTranslation("inbox");
  const { org = "", conversation = null } = useParams({ strict: false });
  const search = readSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const [isBeside, setBeside] = useLocalStorage({ key: "sapa.inbox.details", defaultValue: true, getInitialValueInEffect: false });
  const [isDrawn, drawer] = useDisclosure();
  const [hasKeys, keys] = useDisclosure();
  const { data: open } = useQuery({ ...conversationQuery(useOrg(), conversation ?? ""), enabled: conversation !== null });
  useTitle(open?.contact.display_name ?? t("list.title"));
  useInboxLive();
  useResuming();

  const change = (next: Partial<InboxSearch>) =>
    void navigate({ to: ".", search: { ...search, ...next }, replace: true, resetScroll: false });
  const back = () => void navigate({ to: "/o/$org/inbox", params: { org }, search: { ...search, message: undefined }, resetScroll: false });
  const toggleDetails = () => {
    if (isWide) setBeside(!isBeside);
    else drawer.toggle();
  };
  const hasDetails = isWide ? isBeside : isDrawn;

  useKeys({
    "?": keys.open,
    Escape: () => {
      if (conversation) back();
    },
  });

  return (
    <div className={classes.inbox} data-open={conversation !== null || undefined} data-details={conversation !== null && isWide && isBeside ? true : undefined}>
      <h1 className="visually-hidden">{t("list.title")}</h1>
      <div className={classes.listPane}>
        <ConversationList search={search} onSearch={change} open={conversation} />
      </div>
      <div className={classes.threadPane}>
        {conversation ? (
            <Thread
              key={`${conversation} ${search.message ?? ""}`}
              conversation={conversation}
              message={search.message ?? null}
              search={search.message ? (search.q ?? "") : ""}
              onBack={back}
              onDetails={toggleDetails}
              hasDetails={hasDetails}
              onKeys={keys.open}
            />
        ) : (
          <EmptyState icon={MessagesSquare} title={t("thread.none")}>
            {t("thread.noneDetail")}
          </EmptyState>
        )}
      </div>
      {conversation && isWide && isBeside && (
        <div className={classes.detailsPane}>
          <Details conversation={conversation} onClose={() => setBeside(false)} />
        </div>
      )}
      <DetailsDrawer conversation={conversation} isOpen={conversation !== null && !isWide && isDrawn} onClose={drawer.close} />
      <KeysModal isOpen={hasKeys} onClose={keys.close} />
    </div>
  );
}
