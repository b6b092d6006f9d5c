/** A voice note or another sound: play, seek, faster. */
import { ActionIcon, Anchor, Group, Text, UnstyledButton } from "@mantine/core";
import { Mic, Music, Pause, Play } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "./clock";
import classes from "./Files.module.css";

const SPEEDS = [1, 1.5, 2] as const;

interface VoicePlayerProps {
  url: string;
  isVoice: boolean;
  /** How long it lasts, where that is known before it is loaded. */
  seconds?: number | null;
  /** How loud it is along the way, each from 0 to 100. */
  waveform?: readonly number[] | null;
}

export function VoicePlayer({ url, isVoice, seconds = null, waveform = null }: VoicePlayerProps) {
  const { t } = useTranslation("inbox");
  const sound = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds ?? 0);
  const [speed, setSpeed] = useState<(typeof SPEEDS)[number]>(1);
  const [isBroken, setBroken] = useState(false);

  const toggle = () => {
    if (isPlaying) sound.current?.pause();
    else void sound.current?.play().catch(() => setBroken(true));
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
    setSpeed(next);
    if (sound.current) sound.current.playbackRate = next;
  };
  const Icon = isVoice ? Mic : Music;

  return (
    <Group gap="xs" wrap="nowrap" className={classes.voice}>
      <audio
        ref={sound}
        src={url}
        preload={seconds === null ? "metadata" : "none"}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onLoadedMetadata={({ currentTarget: { duration } }) => setLength(Number.isFinite(duration) ? duration : (seconds ?? 0))}
        onError={() => setBroken(true)}
      />
      <ActionIcon radius="xl" size="lg" onClick={toggle} disabled={isBroken} aria-label={t(isPlaying ? "voice.pause" : "voice.play")}>
        {isPlaying ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
      </ActionIcon>
      {isBroken ? (
        <Text size="sm">
          {t("voice.broken")}{" "}
          <Anchor href={url} download>
            {t("file.download")}
          </Anchor>
        </Text>
      ) : (
        <>
          <div className={classes.sound}>
            {waveform && <Bars levels={waveform} played={length > 0 ? at / length : 0} />}
            <input
              type="range"
              min={0}
              max={length || 1}
              step={0.1}
              value={at}
              data-over={waveform ? true : undefined}
              aria-label={t("voice.seek")}
              aria-valuetext={clock(at)}
              onChange={(event) => {
                if (sound.current) sound.current.currentTime = event.currentTarget.valueAsNumber;
              }}
            />
          </div>
          <Text size="xs" className={classes.time}>
            {clock(isPlaying || at > 0 ? at : length)}
          </Text>
          {isPlaying ? (
            <UnstyledButton onClick={faster} aria-label={t("voice.speed", { speed })}>
              <Text size="xs" fw={600}>
                {speed}×
              </Text>
            </UnstyledButton>
          ) : (
            <Icon size={16} aria-hidden />
          )}
        </>
      )}
    </Group>
  );
}

/** How loud it is, bar by bar; what has been heard is marked. */
function Bars({ levels, played }: { levels: readonly number[]; played: number }) {
  return (
    <div className={classes.bars} aria-hidden>
      {levels.map((level, place) => (
        <span key={place} style={{ height: `${Math.max(level, 8)}%` }} data-played={place / levels.length < played || undefined} />
      ))}
    </div>
  );
}
