/** Puts Opus sound from a WebM file into an Ogg file, as it is: nothing is decoded. */
import { BlobSource, BufferTarget, EncodedAudioPacketSource, EncodedPacketSink, Input, OggOutputFormat, Output, WEBM } from "mediabunny";

/** The same sound in Ogg. */
export async function toOgg(webm: Blob): Promise<Blob> {
  const input = new Input({ source: new BlobSource(webm), formats: [WEBM] });
  const track = await input.getPrimaryAudioTrack();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track || !decoderConfig) throw new Error("The recording holds no sound.");
  const target = new BufferTarget();
  const output = new Output({ format: new OggOutputFormat(), target });
  const sound = new EncodedAudioPacketSource("opus");
  output.addAudioTrack(sound);
  await output.start();
  for await (const packet of new EncodedPacketSink(track).packets()) await sound.add(packet, { decoderConfig });
  await output.finalize();
  return new Blob([target.buffer ?? new ArrayBuffer()], { type: "audio/ogg" });
}
