/** In which form a browser records, and in which of them WhatsApp takes it. */

/**
 * The forms that can be sent, the best first. A voice note is Ogg with Opus in one channel; WebM holds the same sound in
 * another wrapping. What else a browser records goes out as a sound (Meta: media, audio, 2025-12).
 */
const FORMS = [
  { type: "audio/ogg;codecs=opus", isVoice: true },
  { type: "audio/webm;codecs=opus", isVoice: true },
  { type: "audio/mp4", isVoice: false },
] as const;

/** A form to record in. */
export type Form = (typeof FORMS)[number];

/** The best form that a browser records in; `null` where it records none that can be sent. */
export function bestForm(isSupported: (type: string) => boolean): Form | null {
  return FORMS.find(({ type }) => isSupported(type)) ?? null;
}

/** The form that this browser records in; `null` where it cannot record, or only pages at a secure address may. */
export function formHere(): Form | null {
  // Missing at an address without TLS, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices || !("MediaRecorder" in globalThis) || !("AudioContext" in globalThis)) return null;
  return bestForm((type) => MediaRecorder.isTypeSupported(type));
}
