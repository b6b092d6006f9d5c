/** A chat: who it is with, its messages, and the box to write in. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowLeft, Wrench } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { flat } from "../api/pages";
import { businessesQuery, chatsQuery, messagesQuery } from "../api/queries";
import type { Business, Message } from "../api/types";
import { change, see, write, type Draft } from "../api/write";
import { BlockButton } from "../chats/BusinessPage";
import { named } from "../chats/link";
import { useHolder } from "../people/Holder";
import { go, usePlace } from "../place";
import { IconButton } from "../ui/Button";
import { Face } from "../ui/Face";
import { Band, Failure } from "../ui/Notice";
import rows from "../ui/Rows.module.css";
import { useNow } from "../ui/useNow";
import classes from "./Chat.module.css";
import { ChatRoom, type Room } from "./ChatRoom";
import { Composer } from "./Composer";
import { Messages } from "./Messages";
import { shown } from "./shown";

export function Chat({ to, onTools }: { to: string; onTools: () => void }) {
  const { t } = useTranslation("phone");
  const { from } = usePlace();
  const businesses = useQuery(businessesQuery);
  const business = named(businesses.data ?? [], to);
  if (business) return <With business={business} onTools={onTools} />;
  return (
    <>
      <header className={classes.header}>
        <IconButton icon={ArrowLeft} turns label={t("back")} onClick={() => go({ from })} />
      </header>
      <Failure error={businesses.error} />
      {businesses.isSuccess && <Band>{t("dial.missing")}</Band>}
    </>
  );
}

function With({ business, onTools }: { business: Business; onTools: () => void }) {
  const { t } = useTranslation("phone");
  const person = useHolder();
  const place = useMemo(() => ({ person: person.id, number: business.id }), [person.id, business.id]);
  const query = useInfiniteQuery(messagesQuery(place.person, place.number));
  const messages = useMemo(() => flat(query.data), [query.data]);
  const said = useMemo(() => shown(messages), [messages]);
  const [quoted, setQuoted] = useState<Message | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useSeeing(messages);

  const act = useCallback(async (what: () => Promise<unknown>) => {
    try {
      await what();
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    }
  }, []);
  const room = useMemo<Room>(
    () => ({ business, act, send: (draft: Draft) => act(() => write(place, draft)) }),
    [business, act, place],
  );
  const blocked = person.blocked.includes(business.id);
  return (
    <ChatRoom value={room}>
      <Header business={business} onTools={onTools} />
      {!person.online && <Waiting business={business} />}
      {!business.registered && <Band>{t("business.unregisteredHint")}</Band>}
      <Failure error={query.error} />
      <Messages
        rows={said}
        messages={messages}
        business={business}
        more={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
        loading={query.isPending}
        onReply={setQuoted}
      />
      <Failure error={problem} />
      {blocked ? (
        <div className={classes.blocked}>
          <p>{t("chat.blocked")}</p>
          <BlockButton business={business} />
        </div>
      ) : (
        <Composer quoted={quoted} onQuoted={setQuoted} />
      )}
    </ChatRoom>
  );
}

/** While the chat is open and the page is looked at, what arrives is seen, and read where receipts are sent. */
function useSeeing(messages: readonly Message[]): void {
  const person = useHolder();
  const room = messages[0]?.number_id;
  const arrived = messages.filter((one) => one.direction === "outbound" && one.status === "delivered");
  const fresh = arrived.map((one) => one.id).join();
  const visible = useVisible();
  useEffect(() => {
    // Whoever holds the phone reads what is looked at, and nothing by itself.
    if (person.receipts === "automatic") void change(person.id, { receipts: "delivered" }).catch(() => undefined);
  }, [person.id, person.receipts]);
  useEffect(() => {
    if (!room || !fresh || !visible) return;
    // What could not be told is told with the next look.
    void see({ person: person.id, number: room }).catch(() => undefined);
  }, [person.id, person.online, room, fresh, visible]);
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}

/** Whether the business is shown as typing. */
export function useTyping(number: string): boolean {
  const person = useHolder();
  const line = useQuery(chatsQuery(person.id)).data?.find((one) => one.number === number);
  const now = useNow(1000);
  return person.online && line?.typing_until != null && line.typing_until > now;
}

function Header({ business, onTools }: { business: Business; onTools: () => void }) {
  const { t } = useTranslation("phone");
  const { from, to } = usePlace();
  const typing = useTyping(business.id);
  return (
    <header className={classes.header}>
      <IconButton icon={ArrowLeft} turns label={t("back")} onClick={() => go({ from })} />
      <button type="button" className={classes.who} onClick={() => go({ from, to, view: "business" })}>
        <Face name={business.name} picture={business.picture} size={38} />
        <span>
          <span className={classes.name} role="heading" aria-level={2}>
            {business.name}
          </span>
          <span className={typing ? classes.typing : classes.about} aria-live="polite">
            {t(typing ? "chat.typing" : "chat.business")}
          </span>
        </span>
      </button>
      <IconButton icon={Wrench} label={t("tools.open")} onClick={onTools} className={rows.narrow} />
    </header>
  );
}

/** The phone is off: what is written waits, and so does what is sent to it. */
function Waiting({ business }: { business: Business }) {
  const { t } = useTranslation("phone");
  const person = useHolder();
  const waiting = useQuery(chatsQuery(person.id)).data?.find((one) => one.number === business.id)?.waiting ?? 0;
  return <Band>{waiting > 0 ? t("chat.offWaiting", { count: waiting }) : t("chat.off")}</Band>;
}
