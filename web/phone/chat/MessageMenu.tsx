/** What can be done with a message: react, reply, copy, edit and take back one's own, and look into it. */
import { Copy, Info, Pencil, Reply, Trash2, type LucideIcon } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Sheet } from "../ui/Sheet";
import { clockTime } from "../ui/times";
import { useNow } from "../ui/useNow";
import { useRoom } from "./ChatRoom";
import classes from "./MessageMenu.module.css";
import type { Shown } from "./shown";
import { text } from "./wire";

const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
/** One's own messages may be edited this long. */
const EDITABLE_MS = 15 * 60_000;

interface MessageMenuProps {
  shown: Shown;
  onClose: () => void;
  onReply: () => void;
}

export function MessageMenu({ shown, onClose, onReply }: MessageMenuProps) {
  const { t } = useTranslation("phone");
  const { message, mine, revoked, content } = shown;
  const { send } = useRoom();
  const now = useNow(5000);
  const [inside, setInside] = useState<"info" | "edit" | null>(null);
  const done = (what: Promise<boolean> | undefined) => {
    onClose();
    void what;
  };
  const react = (emoji: string) =>
    done(send({ type: "reaction", content: { message_id: message.id, emoji: message.reaction === emoji ? "" : emoji } }));
  const body = text(content, "body") || message.text;

  if (inside === "info") return <MessageInfo shown={shown} onClose={onClose} />;
  if (inside === "edit") {
    return (
      <EditSheet
        body={body}
        onClose={onClose}
        onDone={(edited) =>
          done(
            send({
              type: "edit",
              content: { original_message_id: message.id, message: { type: "text", text: { body: edited } } },
            }),
          )
        }
      />
    );
  }
  return (
    <Sheet title={t("menu.title")} onClose={onClose}>
      {!mine && !revoked && (
        <div role="group" aria-label={t("menu.react")} className={classes.emoji}>
          {EMOJI.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={t("menu.reactWith", { emoji })}
              aria-pressed={message.reaction === emoji}
              onClick={() => react(emoji)}
            >
              {emoji}
            </button>
          ))}
        </div>
      )}
      <ul className={classes.deeds}>
        {!revoked && (
          <Deed
            icon={Reply}
            label={t("menu.reply")}
            onClick={() => {
              onReply();
              onClose();
            }}
          />
        )}
        {body && !revoked && (
          <Deed icon={Copy} label={t("menu.copy")} onClick={() => done(navigator.clipboard.writeText(body).then(() => true))} />
        )}
        {mine && !revoked && message.kind === "text" && now - message.at < EDITABLE_MS && (
          <Deed icon={Pencil} label={t("menu.edit")} onClick={() => setInside("edit")} />
        )}
        {mine && !revoked && (
          <Deed
            icon={Trash2}
            label={t("menu.revoke")}
            onClick={() => done(send({ type: "revoke", content: { original_message_id: message.id } }))}
          />
        )}
        <Deed icon={Info} label={t("menu.info")} onClick={() => setInside("info")} />
      </ul>
    </Sheet>
  );
}

function Deed({ icon: Icon, label, onClick }: { icon: LucideIcon; label: string; onClick: () => void }) {
  return (
    <li>
      <button type="button" className={classes.deed} onClick={onClick}>
        <Icon size={20} aria-hidden />
        {label}
      </button>
    </li>
  );
}

function EditSheet({ body, onClose, onDone }: { body: string; onClose: () => void; onDone: (body: string) => void }) {
  const { t } = useTranslation("phone");
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const edited = (new FormData(event.currentTarget).get("body") as string).trim();
    if (edited) onDone(edited);
  };
  return (
    <Sheet title={t("menu.edit")} onClose={onClose}>
      <form onSubmit={submit} className={classes.edit}>
        <textarea name="body" aria-label={t("composer.label")} defaultValue={body} rows={4} required />
        <Button type="submit" kind="filled">
          {t("menu.save")}
        </Button>
      </form>
    </Sheet>
  );
}

/** When it reached what, and the message as it went over the wire. */
function MessageInfo({ shown: { message }, onClose }: { shown: Shown; onClose: () => void }) {
  const { t, i18n } = useTranslation("phone");
  return (
    <Sheet title={t("menu.info")} onClose={onClose}>
      <dl className={classes.info}>
        {message.history.map(([status, at]) => (
          <div key={status}>
            <dt>{t(`status.${status}`)}</dt>
            <dd>{clockTime(at, i18n.language)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("menu.id")}</dt>
          <dd>
            <code>{message.id}</code>
          </dd>
        </div>
      </dl>
      <h3 className={classes.heading}>{t("menu.wire", { kind: message.kind })}</h3>
      <pre className={classes.wire} tabIndex={0} dir="ltr">
        {JSON.stringify(message.content, null, 2)}
      </pre>
    </Sheet>
  );
}
