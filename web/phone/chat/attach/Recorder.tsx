/** Records a voice note; where there is no microphone, a tune stands in. */
import { Mic, Music, SendHorizontal, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Sheet } from "../../ui/Sheet";
import { length } from "../../ui/times";
import { useRoom } from "../ChatRoom";
import classes from "./Attach.module.css";
import { sampleVoice, voiceNote } from "./sound";

export function Recorder({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("phone");
  const { send, act } = useRoom();
  const [state, setState] = useState<"idle" | "recording" | "sending" | "refused">("idle");
  const [seconds, setSeconds] = useState(0);
  const recorder = useRef<MediaRecorder>(null);

  useEffect(() => {
    if (state !== "recording") return;
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [state]);
  // Whoever goes away lets the microphone go.
  useEffect(() => () => recorder.current?.stream.getTracks().forEach((track) => track.stop()), []);

  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      recorder.current = new MediaRecorder(stream);
      recorder.current.start();
      setSeconds(0);
      setState("recording");
    } catch {
      setState("refused");
    }
  };
  const sendVoice = (voice: () => Promise<Blob>) => {
    setState("sending");
    void act(async () => {
      const media = await voice();
      await send({ type: "audio", content: { voice: true }, media });
    }).then(onClose);
  };
  const finish = () => {
    const it = recorder.current;
    if (!it) return;
    sendVoice(
      () =>
        new Promise((resolve, reject) => {
          it.ondataavailable = ({ data }) => void voiceNote(data).then(resolve, reject);
          it.stop();
          it.stream.getTracks().forEach((track) => track.stop());
        }),
    );
  };

  return (
    <Sheet title={t("voice.title")} onClose={onClose}>
      <div className={classes.voice}>
        {state === "recording" ? (
          <>
            <p role="timer" className={classes.timer}>
              {length(seconds)}
            </p>
            <Button icon={Trash2} onClick={onClose}>
              {t("voice.discard")}
            </Button>
            <Button icon={SendHorizontal} kind="filled" onClick={finish}>
              {t("composer.send")}
            </Button>
          </>
        ) : (
          <>
            <p className={classes.hint}>{t(state === "refused" ? "voice.refused" : "voice.hint")}</p>
            <Button icon={Mic} kind="filled" busy={state === "sending"} onClick={() => void start()}>
              {t("voice.record")}
            </Button>
            <Button icon={Music} busy={state === "sending"} onClick={() => sendVoice(sampleVoice)}>
              {t("voice.sample")}
            </Button>
          </>
        )}
      </div>
    </Sheet>
  );
}
