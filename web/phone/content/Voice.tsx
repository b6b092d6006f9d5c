/** Voice notes and other sound. Hearing a voice note of the business is told to it. */
import { Mic, Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { mark } from "../api/write";
import { at } from "../chat/wire";
import { useHolder } from "../people/Holder";
import { length } from "../ui/times";
import classes from "./Content.module.css";
import { Missing, type MediaProps } from "./Media";
import { source } from "./media";

export function Voice({ message, media }: MediaProps) {
  const { t } = useTranslation("phone");
  const { receipts } = useHolder();
  const sound = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [missing, setMissing] = useState(false);
  const [[now, whole], setPlace] = useState([0, 0]);
  const from = source(message, media);
  const bytes = useBytes(from, () => setMissing(true));
  if (missing || !from) return <Missing media={media} />;

  const voice = at(media, "voice") === true;
  const toggle = () => {
    const it = sound.current;
    if (!it) return;
    if (!it.paused) {
      it.pause();
      return;
    }
    void it.play().catch(() => setMissing(true));
    const told = voice && message.direction === "outbound" && message.status === "read" && receipts !== "no_read";
    // It was heard, whether or not that could be told.
    if (told) void mark(message.id, "played").catch(() => undefined);
  };
  const place = ({ currentTarget: it }: { currentTarget: HTMLAudioElement }) =>
    setPlace([it.currentTime, Number.isFinite(it.duration) ? it.duration : 0]);
  return (
    <div className={classes.voice}>
      <audio
        ref={sound}
        src={bytes}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onTimeUpdate={place}
        onLoadedMetadata={place}
        onDurationChange={place}
      />
      <button type="button" className={classes.play} aria-label={t(playing ? "voice.pause" : "voice.play")} onClick={toggle}>
        {playing ? <Pause size={20} aria-hidden /> : <Play size={20} aria-hidden />}
      </button>
      <input
        type="range"
        aria-label={t("voice.position")}
        min={0}
        max={whole || 1}
        step={0.1}
        value={now}
        onChange={(event) => {
          if (sound.current) sound.current.currentTime = Number(event.target.value);
        }}
      />
      <span className={classes.length}>{length(playing || now > 0 ? now : whole)}</span>
      {voice && <Mic size={16} aria-hidden data-played={message.status === "played" || undefined} />}
    </div>
  );
}

/** The sound as an address within the page, so that one can jump about in it. */
function useBytes(from: string | undefined, onMissing: () => void): string | undefined {
  const [address, setAddress] = useState<string>();
  const missing = useRef(onMissing);
  useEffect(() => {
    if (!from) return;
    let made: string | undefined;
    const left = new AbortController();
    fetch(from, { signal: left.signal })
      .then(async (answer) => {
        if (!answer.ok) throw new Error(answer.statusText);
        made = URL.createObjectURL(await answer.blob());
        setAddress(made);
      })
      .catch(() => {
        if (!left.signal.aborted) missing.current();
      });
    return () => {
      left.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [from]);
  return address;
}
