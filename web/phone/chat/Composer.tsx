/** The box to write in: text, attachments, voice notes. */
import { Mic, Plus, SendHorizontal, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type ClipboardEvent, type DragEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../api/types";
import { go, usePlace } from "../place";
import { IconButton } from "../ui/Button";
import { Attach } from "./attach/Attach";
import { draftOf } from "./attach/files";
import { Recorder } from "./attach/Recorder";
import { Quote } from "./Bubble";
import { useRoom } from "./ChatRoom";
import classes from "./Composer.module.css";

interface ComposerProps {
  quoted: Message | null;
  onQuoted: (message: Message | null) => void;
}

/** The box grows to this height. */
const TALLEST = 140;

export function Composer({ quoted, onQuoted }: ComposerProps) {
  const { t } = useTranslation("phone");
  const { send, business } = useRoom();
  const place = usePlace();
  const [words, setWords] = useState(place.text ?? "");
  const [sheet, setSheet] = useState<"attach" | "voice" | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);

  // What a link brought stands in the box and no longer in the address; what a tool brings later replaces it.
  const [brought, setBrought] = useState(place.text);
  if (place.text !== undefined && place.text !== brought) {
    setBrought(place.text);
    setWords(place.text);
  }
  useEffect(() => {
    if (place.text === undefined) return;
    go({ ...place, text: undefined }, "replace");
    box.current?.focus();
  }, [place]);
  useEffect(() => {
    if (quoted) box.current?.focus();
  }, [quoted]);
  useLayoutEffect(() => {
    const it = box.current;
    if (!it) return;
    it.style.height = "auto";
    it.style.height = `${Math.min(it.scrollHeight, TALLEST)}px`;
  }, [words]);

  const submit = async () => {
    const body = words.trim();
    if (!body) return;
    setWords("");
    onQuoted(null);
    const taken = await send({ type: "text", content: { body }, replyTo: quoted?.id });
    // What was not taken is not lost.
    if (!taken) setWords((typed) => typed || body);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && quoted) onQuoted(null);
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void submit();
  };
  const attach = async (files: Iterable<File>) => {
    for (const file of files) {
      const caption = words.trim();
      setWords("");
      const taken = await send({ ...draftOf(file, caption), replyTo: quoted?.id });
      if (!taken) setWords(caption);
    }
    onQuoted(null);
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    void attach(event.clipboardData.files);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    void attach(event.dataTransfer.files);
  };

  return (
    <div className={classes.foot} onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      {quoted && (
        <div className={classes.quoted}>
          <Quote message={quoted} name={business.name} />
          <IconButton icon={X} label={t("composer.unquote")} onClick={() => onQuoted(null)} />
        </div>
      )}
      <div className={classes.line}>
        <IconButton icon={Plus} label={t("composer.attach")} onClick={() => setSheet("attach")} />
        <textarea
          ref={box}
          rows={1}
          value={words}
          aria-label={t("composer.label")}
          placeholder={t("composer.placeholder")}
          maxLength={65_536}
          dir="auto"
          className={classes.box}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        {words.trim() ? (
          <IconButton icon={SendHorizontal} turns filled label={t("composer.send")} onClick={() => void submit()} />
        ) : (
          <IconButton icon={Mic} filled label={t("composer.voice")} onClick={() => setSheet("voice")} />
        )}
      </div>
      {sheet === "attach" && <Attach onClose={() => setSheet(null)} onFiles={attach} />}
      {sheet === "voice" && <Recorder onClose={() => setSheet(null)} />}
    </div>
  );
}
