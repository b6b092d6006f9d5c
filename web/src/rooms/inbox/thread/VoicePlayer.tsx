/** A voice note or another sound: play, seek, faster. */
import { ActionIcon, Group, Text, UnstyledButton } from "@mantine/core";
import { Mic, Music, Pause, Play } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "./clock";
import classes from "./Files.module.css";

const SPEEDS = [1, 1.5, 2] as const;

export function VoicePlayer({ url, isVoice }: { url: string; isVoice: boolean }) {
  const { t } = useTranslation("inbox");
  const sound = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
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
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => setLength(Number.isFinite(event.currentTarget.duration) ? event.currentTarget.duration : 0)}
        onError={() => setBroken(true)}
      />
      <ActionIcon radius="xl" size="lg" onClick={toggle} disabled={isBroken} aria-label={t(isPlaying ? "voice.pause" : "voice.play")}>
        {isPlaying ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
      </ActionIcon>
      {isBroken ? (
        <Text size="sm">{t("voice.broken")}</Text>
      ) : (
        <>
          <input
            type="range"
            min={0}
            max={length || 1}
            step={0.1}
            value={at}
            aria-label={t("voice.seek")}
            aria-valuetext={clock(at)}
            onChange={(event) => {
              if (sound.current) sound.current.currentTime = event.currentTarget.valueAsNumber;
            }}
          />
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
