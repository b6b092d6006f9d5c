/** Recordings and tunes as voice notes: Opus within Ogg, as a phone sends them. */
import { ogg, type Packet } from "./ogg";
import { tune } from "./samples";

const RATE = 48_000;
/** What a browser that cannot pack Opus sends: the recording as it is, which WhatsApp takes as audio. */
const VOICE = "audio/ogg; codecs=opus";

/** Three notes. */
export function sampleVoice(): Promise<Blob> {
  return packed(tune(RATE));
}

/** A recording as a voice note; as it is where this browser cannot pack it. */
export async function voiceNote(recording: Blob): Promise<Blob> {
  if (recording.type.startsWith("audio/ogg")) return new Blob([recording], { type: VOICE });
  if (!("AudioEncoder" in globalThis)) return recording;
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(await recording.arrayBuffer());
  return packed(sound.getChannelData(0));
}

async function packed(samples: Float32Array<ArrayBuffer>): Promise<Blob> {
  const packets: Packet[] = [];
  let failure: Error | undefined;
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      packets.push({ bytes, samples: Math.round(((chunk.duration ?? 20_000) * RATE) / 1_000_000) });
    },
    error: (error) => {
      failure = error;
    },
  });
  encoder.configure({ codec: "opus", sampleRate: RATE, numberOfChannels: 1, bitrate: 24_000 });
  encoder.encode(
    new AudioData({
      format: "f32-planar",
      sampleRate: RATE,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: 0,
      data: samples,
    }),
  );
  await encoder.flush();
  encoder.close();
  if (failure) throw failure;
  return new Blob([ogg(packets, Math.floor(Math.random() * 2 ** 31))], { type: VOICE });
}
