/** A short tone, made here: two soft notes, no file. */

let context: AudioContext | null = null;

/** Browsers let sound begin only after somebody touched the page. */
function ready(): AudioContext | null {
  if (!("AudioContext" in globalThis)) return null;
  context ??= new AudioContext();
  return context;
}

/** Makes the tone possible; to be called when somebody touches the page. */
export function wakeTone(): void {
  void ready()?.resume();
}

/** Plays the tone, if the browser lets it. */
export function playTone(): void {
  const audio = ready();
  if (audio?.state !== "running") return;
  const start = audio.currentTime;
  [660, 880].forEach((pitch, at) => {
    const note = audio.createOscillator();
    const volume = audio.createGain();
    const from = start + at * 0.16;
    note.type = "sine";
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.16, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, from + 0.32);
    note.connect(volume).connect(audio.destination);
    note.start(from);
    note.stop(from + 0.34);
  });
}
