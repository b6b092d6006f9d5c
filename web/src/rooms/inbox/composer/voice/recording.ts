/** A recording from the microphone: how loud it is, when it is full, and the file in the end. */
import type { Form } from "./format";

/** Speech needs no more; so a voice note of four minutes stays below [`FULL`]. */
const BITS_PER_SECOND = 16_000;
/** WhatsApp plays a voice note at a touch up to 512 KB, and offers larger ones for download (Meta: media, 2025-12). */
const FULL = 500 * 1024;
/** How often the browser hands over what it has. */
const PART_MS = 500;

/** A recording that goes on. */
export interface Recording {
  /** How loud it is now, 0 to 1. */
  level: () => number;
  /** Ends it; gives what was recorded. */
  stop: () => Promise<File>;
  /** Ends it and forgets it. */
  cancel: () => void;
}

/**
 * Begins to record; the browser asks the person first. `onFull` is called when no more would go into a voice note.
 *
 * @throws {DOMException} `NotAllowedError` when the person or the browser forbids it, `NotFoundError` without a microphone
 */
export async function record(form: Form, onFull: () => void): Promise<Recording> {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
  const context = new AudioContext();
  const ear = new AnalyserNode(context, { fftSize: 1024 });
  // One channel, however many the microphone has.
  const mono = new MediaStreamAudioDestinationNode(context, { channelCount: 1, channelCountMode: "explicit" });
  new MediaStreamAudioSourceNode(context, { mediaStream: microphone }).connect(ear).connect(mono);
  const recorder = new MediaRecorder(mono.stream, { mimeType: form.type, audioBitsPerSecond: BITS_PER_SECOND });
  const parts: Blob[] = [];
  let isFull = false;
  recorder.addEventListener("dataavailable", ({ data }) => {
    parts.push(data);
    if (isFull || parts.reduce((sum, part) => sum + part.size, 0) < FULL) return;
    isFull = true;
    onFull();
  });
  recorder.start(PART_MS);

  const release = () => {
    for (const track of microphone.getTracks()) track.stop();
    if (context.state !== "closed") void context.close();
  };
  const samples = new Float32Array(ear.fftSize);
  return {
    level: () => {
      ear.getFloatTimeDomainData(samples);
      // Speech at arm's length is at about a tenth of what a microphone can tell.
      return Math.min(1, Math.max(...samples.map(Math.abs)) * 3);
    },
    stop: async () => {
      await new Promise<void>((done) => {
        recorder.addEventListener("stop", () => done(), { once: true });
        recorder.stop();
      });
      release();
      return asFile(new Blob(parts, { type: form.type }), form);
    },
    cancel: () => {
      if (recorder.state !== "inactive") recorder.stop();
      release();
    },
  };
}

/** What was recorded, in the form that is sent. */
async function asFile(recorded: Blob, form: Form): Promise<File> {
  if (!form.isVoice) return new File([recorded], "voice.m4a", { type: "audio/mp4" });
  const ogg = form.type.startsWith("audio/ogg") ? recorded : await (await import("./ogg")).toOgg(recorded);
  return new File([ogg], "voice.ogg", { type: "audio/ogg" });
}
