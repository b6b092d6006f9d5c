/** Packs Opus packets into an Ogg stream (RFC 3533, RFC 7845), as voice notes are sent. */

/** Samples a second that Opus counts in. */
const RATE = 48_000;
/** The header says that this many samples at the start are to be left out. */
const PRE_SKIP = 312;

/** A packet and how many samples (at 48 kHz) it holds. */
export interface Packet {
  bytes: Uint8Array;
  samples: number;
}

/** The file. `serial` tells streams apart. */
export function ogg(packets: readonly Packet[], serial: number): Uint8Array<ArrayBuffer> {
  const pages = [page([head()], 0, 2, 0, serial), page([tags()], 0, 0, 1, serial)];
  let granule = 0;
  // Pages of at most 50 packets stay below 255 segments for speech.
  for (let from = 0; from < packets.length; from += 50) {
    const some = packets.slice(from, from + 50);
    granule += some.reduce((sum, packet) => sum + packet.samples, 0);
    const last = from + 50 >= packets.length ? 4 : 0;
    pages.push(page(some.map((packet) => packet.bytes), granule, last, pages.length, serial));
  }
  return joined(pages);
}

function head(): Uint8Array {
  const bytes = new Uint8Array(19);
  const view = new DataView(bytes.buffer);
  bytes.set(letters("OpusHead"));
  bytes.set([1, 1], 8);
  view.setUint16(10, PRE_SKIP, true);
  view.setUint32(12, RATE, true);
  return bytes;
}

function tags(): Uint8Array {
  const vendor = letters("phone");
  const bytes = new Uint8Array(16 + vendor.length);
  bytes.set(letters("OpusTags"));
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes;
}

function page(packets: readonly Uint8Array[], granule: number, flags: number, sequence: number, serial: number) {
  const lacing = packets.flatMap((packet) => [
    ...new Array<number>(Math.floor(packet.length / 255)).fill(255),
    packet.length % 255,
  ]);
  const bytes = joined([new Uint8Array(27), Uint8Array.from(lacing), ...packets]);
  const view = new DataView(bytes.buffer);
  bytes.set(letters("OggS"));
  bytes[5] = flags;
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  bytes[26] = lacing.length;
  view.setUint32(22, checksum(bytes), true);
  return bytes;
}

/** CRC-32 of Ogg: polynomial 04c11db7, not reflected, from zero. */
export function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

function letters(word: string): Uint8Array {
  return new TextEncoder().encode(word);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
