/** Calls somebody when a customer waits for a person: a tone, and a notification where allowed. */
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLive, type LiveEvents } from "@/api/live";
import { membersQuery } from "@/app/members";
import { useMay, useMembership } from "@/app/session";
import { isCalledByServer } from "@/rooms/alerts/browser";
import { closing } from "@/ui/Problem";
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

  // Whoever came to it, by whichever way, need not be told any more.
  const told = useRef(new Map<string, string>());
  const here = useRef(open);
  useEffect(() => {
    here.current = open;
    const look = () => {
      for (const [id, conversation] of told.current) {
        if (conversation !== open) continue;
        notifications.hide(id);
        told.current.delete(id);
      }
    };
    look();
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [open]);
  const isSeen = (conversation: string) => here.current === conversation && document.hasFocus();

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
    if (!alertSettings().isMuted) playTone();
    if (isSeen(id)) return;
    // Where alerts are turned on, the notification comes even without this page; once is enough.
    if (!document.hasFocus() && isCalledByServer()) return;
    if (!document.hasFocus() && "Notification" in globalThis && Notification.permission === "granted") {
      // Who, and never what was written: others may look at this screen.
      const shown = new Notification(t("alert.title", { name }), { body: t("alert.detail"), tag: id, icon: "/icon.svg" });
      shown.addEventListener("click", () => {
        focus();
        go(id);
        shown.close();
      });
      return;
    }
    told.current.set(id, id);
    const message = <CallNote onGo={() => go(id)} id={id} text={t("alert.detail")} />;
    notifications.show({ id, color: "orange", title: t("alert.title", { name }), message, autoClose: 15_000, priority: 1, closeButtonProps: closing() });
  };

  useLive(["conversation.handed_off"], ({ conversation_id: id }) => {
    if (may) call(id).catch(() => undefined); // It is in the list all the same.
  });

  const callToNote = async ({ note_id: id, conversation_id: conversation, author_id: author }: LiveEvents["note.created"]) => {
    if (!alertSettings().isMuted) playTone();
    const [members, { contact }] = await Promise.all([
      queries.query(membersQuery(org)).catch(() => []),
      queries.query(conversationQuery(org, conversation)),
    ]);
    // They may have come to it meanwhile.
    if (isSeen(conversation)) return;
    const name = members.find((one) => one.id === author)?.name ?? t("alert.colleague");
    const text = t("alert.noteDetail", { customer: contact.display_name });
    const message = <CallNote onGo={() => go(conversation)} id={id} text={text} />;
    // Nobody else will come: it stays until somebody looks, and makes room for whatever is told meanwhile.
    told.current.set(id, conversation);
    notifications.show({ id, color: "yellow", title: t("alert.note", { name }), message, autoClose: false, priority: -1, closeButtonProps: closing() });
  };

  useLive(["note.created"], (note) => {
    if (!note.mentions.includes(me) || isSeen(note.conversation_id)) return;
    callToNote(note).catch(() => undefined); // It is among the mentions all the same.
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
