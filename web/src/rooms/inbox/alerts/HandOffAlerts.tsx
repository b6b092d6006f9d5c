/** Calls somebody when a customer waits for a person: a tone, a mark in the title, a notification where allowed. */
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "@/api/live";
import { useMay, useMembership } from "@/app/session";
import { isCalledByServer } from "@/rooms/alerts/browser";
import { waitsForPerson } from "../places";
import { conversationQuery } from "../queries";
import { alertSettings, setAlerts } from "./settings";
import { playTone, wakeTone } from "./tone";

export function HandOffAlerts() {
  const { t } = useTranslation("inbox");
  const { id: org, member_id: me } = useMembership();
  const { org: slug = "", conversation: open } = useParams({ strict: false });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const may = useMay()("inbox.read");
  const [waiting, setWaiting] = useState(0);
  useTitleMark(waiting, () => setWaiting(0));

  useEffect(() => {
    addEventListener("pointerdown", wakeTone, { once: true });
    return () => removeEventListener("pointerdown", wakeTone);
  }, []);

  const go = (conversation: string) => void navigate({ to: "/o/$org/inbox/$conversation", params: { org: slug, conversation } });

  const call = async (id: string) => {
    const conversation = await queries.query({ ...conversationQuery(org, id), staleTime: 0 });
    // Somebody took it over themselves: nobody has to be called.
    if (!waitsForPerson(conversation)) return;
    const name = conversation.contact.display_name;
    const isSeen = open === id && document.hasFocus();
    if (!alertSettings().isMuted) playTone();
    if (!document.hasFocus()) setWaiting((count) => count + 1);
    if (isSeen) return;
    // Where alerts are turned on, the notification comes even without this page; once is enough.
    if (!document.hasFocus() && isCalledByServer()) return;
    if (!document.hasFocus() && "Notification" in globalThis && Notification.permission === "granted") {
      const shown = new Notification(t("alert.title", { name }), { body: conversation.last_message?.preview, tag: id, icon: "/icon.svg" });
      shown.addEventListener("click", () => {
        focus();
        go(id);
        shown.close();
      });
      return;
    }
    notifications.show({ id, color: "orange", title: t("alert.title", { name }), message: <CallNote onGo={() => go(id)} id={id} text={t("alert.detail")} />, autoClose: 15_000 });
  };

  useLive(["conversation.handed_off"], ({ conversation_id: id }) => {
    if (may) call(id).catch(() => undefined); // It is in the list all the same.
  });

  useLive(["note.created"], ({ note_id: id, conversation_id: conversation, mentions }) => {
    if (!mentions.includes(me) || (open === conversation && document.hasFocus())) return;
    if (!alertSettings().isMuted) playTone();
    if (!document.hasFocus()) setWaiting((count) => count + 1);
    const message = <CallNote onGo={() => go(conversation)} id={id} text={t("alert.noteDetail")} />;
    notifications.show({ id, color: "yellow", title: t("alert.note"), message, autoClose: 15_000 });
  });
  return null;
}

/** What to do, and, once, whether the browser may call next time. */
function CallNote({ id, text, onGo }: { id: string; text: string; onGo: () => void }) {
  const { t } = useTranslation("inbox");
  const canAsk = "Notification" in globalThis && Notification.permission === "default" && !alertSettings().wasAsked;
  const ask = () => {
    setAlerts({ wasAsked: true });
    void Notification.requestPermission().then(() => notifications.hide(id));
  };
  return (
    <>
      <Text size="sm" c="var(--mantine-color-text)">
        {text}
      </Text>
      <Group gap="xs" mt={6}>
        <Button
          size="compact-sm"
          onClick={() => {
            notifications.hide(id);
            onGo();
          }}
        >
          {t("alert.open")}
        </Button>
        {canAsk && (
          <Button size="compact-sm" variant="default" onClick={ask}>
            {t("alert.allow")}
          </Button>
        )}
      </Group>
    </>
  );
}

/** `(2) …` in the title until somebody looks. */
function useTitleMark(count: number, seen: () => void): void {
  useEffect(() => {
    const look = () => {
      if (document.hasFocus()) seen();
    };
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [seen]);
  useEffect(() => {
    if (count === 0) return;
    const plain = document.title.replace(/^\(\d+\) /, "");
    document.title = `(${count}) ${plain}`;
    return () => {
      document.title = document.title.replace(/^\(\d+\) /, "");
    };
  }, [count]);
}
