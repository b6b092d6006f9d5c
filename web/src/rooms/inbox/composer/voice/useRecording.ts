/** A recording as the composer shows it: asked for, going on, made into a file, ready, or refused. */
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Form } from "./format";
import { record, type Recording } from "./recording";

/** How far it is. */
export type Stage =
  | { is: "asking" | "recording" | "working" }
  | { is: "ready"; file: File; wasFull: boolean }
  | { is: "refused"; why: "denied" | "noMicrophone" | "failed" };

function whyOf(error: unknown): "denied" | "noMicrophone" | "failed" {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" ? "noMicrophone" : "failed";
}

/** Records from the moment that this is shown; what goes on is given up when it is shown no more. */
export function useRecording(form: Form) {
  const [stage, setStage] = useState<Stage>({ is: "asking" });
  const [seconds, setSeconds] = useState(0);
  const [level, setLevel] = useState(0);
  const going = useRef<Recording | null>(null);

  const finish = useCallback(async (wasFull: boolean) => {
    const recording = going.current;
    if (!recording) return;
    going.current = null;
    setStage({ is: "working" });
    try {
      setStage({ is: "ready", file: await recording.stop(), wasFull });
    } catch {
      setStage({ is: "refused", why: "failed" });
    }
  }, []);
  const full = useEffectEvent(() => void finish(true));

  useEffect(() => {
    let isLeft = false;
    record(form, () => full()).then(
      (recording) => {
        if (isLeft) {
          recording.cancel();
          return;
        }
        going.current = recording;
        setStage({ is: "recording" });
      },
      (error: unknown) => setStage({ is: "refused", why: whyOf(error) }),
    );
    return () => {
      isLeft = true;
      going.current?.cancel();
      going.current = null;
    };
  }, [form]);

  const isRecording = stage.is === "recording";
  useEffect(() => {
    if (!isRecording) return;
    const began = performance.now();
    const timer = setInterval(() => {
      setSeconds((performance.now() - began) / 1000);
      setLevel(going.current?.level() ?? 0);
    }, 100);
    return () => clearInterval(timer);
  }, [isRecording]);

  return { stage, seconds, level, stop: () => void finish(false) };
}
