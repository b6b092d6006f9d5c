//! Voice notes: how long they last, and how loud they are along the way.

use std::io::Cursor;

use ogg::PacketReader;
use opus_decoder::OpusDecoder;

use super::Preview;

/// Opus counts in these a second, whatever it was recorded in.
const RATE: u64 = 48_000;
/// How many bars a waveform has.
const BARS: usize = 48;
/// A recording that lasts longer is not listened to; it still has a length.
const LONGEST_HEARD: u64 = RATE * 60 * 10;
/// The most samples of a packet in a channel: 120 ms.
const LONGEST_PACKET: usize = 5_760;

/// Looks at Opus in an Ogg container (RFC 7845). `None`: it is something else.
pub(super) fn ogg(bytes: &[u8]) -> Option<Preview> {
    let mut packets = PacketReader::new(Cursor::new(bytes));
    let head = packets.read_packet().ok()??;
    if !head.data.starts_with(b"OpusHead") {
        return Some(Preview { codecs: vec![other_coding(&head.data).to_owned()], ..Preview::default() });
    }
    let channels = *head.data.get(9)?;
    let skipped = u64::from(u16::from_le_bytes([*head.data.get(10)?, *head.data.get(11)?]));
    // The second packet holds comments.
    packets.read_packet().ok()?;
    let mut listener = OpusDecoder::new(48_000, usize::from(channels.clamp(1, 2))).ok();
    let mut heard = vec![0f32; LONGEST_PACKET * 2];
    let (mut end, mut peaks) = (0, Vec::new());
    while let Ok(Some(packet)) = packets.read_packet() {
        end = end.max(packet.absgp_page());
        let decoded =
            listener.as_mut().and_then(|one| one.decode_float(&packet.data, &mut heard, false).ok());
        match decoded {
            Some(samples) if end <= LONGEST_HEARD => {
                let all = samples.saturating_mul(usize::from(channels.clamp(1, 2))).min(heard.len());
                peaks.push(heard[..all].iter().fold(0f32, |most, sample| most.max(sample.abs())));
            }
            _ => listener = None,
        }
    }
    Some(Preview {
        duration_ms: Some(end.saturating_sub(skipped) * 1000 / RATE),
        waveform: listener.and_then(|_| bars(&peaks)),
        codecs: vec!["opus".to_owned()],
        channels: Some(channels),
        ..Preview::default()
    })
}

fn other_coding(head: &[u8]) -> &'static str {
    if head.get(1..7) == Some(b"vorbis") { "vorbis" } else { "unknown" }
}

/// The loudest moment of each stretch, against the loudest of all.
fn bars(peaks: &[f32]) -> Option<Vec<u8>> {
    if peaks.is_empty() {
        return None;
    }
    let loudest = peaks.iter().copied().fold(0f32, f32::max);
    let bars = BARS.min(peaks.len());
    let level = |bar: usize| {
        let (from, to) = (bar * peaks.len() / bars, (bar + 1) * peaks.len() / bars);
        let most = peaks[from..to.max(from + 1)].iter().copied().fold(0f32, f32::max);
        if loudest > 0.0 { (most / loudest * 100.0).round().clamp(0.0, 100.0) as u8 } else { 0 }
    };
    Some((0..bars).map(level).collect())
}

/// The bytes of a frame of each mode, without the one that names the mode (RFC 4867 §5).
const NARROW: [usize; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0];
const WIDE: [usize; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0];

/// Looks at AMR, which old phones record: each frame is a fiftieth of a second.
pub(super) fn amr(bytes: &[u8]) -> Option<Preview> {
    let (sizes, coding, mut rest) = match (bytes.strip_prefix(b"#!AMR-WB\n"), bytes.strip_prefix(b"#!AMR\n"))
    {
        (Some(rest), _) => (WIDE, "amr-wb", rest),
        (_, Some(rest)) => (NARROW, "amr", rest),
        _ => return None,
    };
    let mut frames = 0u64;
    while let Some((mode, after)) = rest.split_first() {
        let size = sizes[usize::from((mode >> 3) & 0x0f)];
        let Some(next) = after.get(size..) else { break };
        frames += 1;
        rest = next;
    }
    Some(Preview {
        duration_ms: Some(frames * 20),
        codecs: vec![coding.to_owned()],
        channels: Some(1),
        ..Preview::default()
    })
}

#[cfg(test)]
mod tests {
    use ogg::{PacketWriteEndInfo, PacketWriter};

    use super::*;

    /// A voice note of packets that say nothing (Opus may leave out what is silent).
    fn note(head: &[u8], packets: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = PacketWriter::new(&mut bytes);
        writer.write_packet(head.to_vec(), 7, PacketWriteEndInfo::EndPage, 0).unwrap();
        writer.write_packet(b"OpusTags\0\0\0\0\0\0\0\0".to_vec(), 7, PacketWriteEndInfo::EndPage, 0).unwrap();
        for n in 1..=packets {
            let end = if n == packets { PacketWriteEndInfo::EndStream } else { PacketWriteEndInfo::EndPage };
            // CELT, 20 ms, mono, a frame without bytes.
            writer.write_packet(vec![0xf8], 7, end, 312 + n * 960).unwrap();
        }
        bytes
    }

    const HEAD: &[u8] = b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0";

    #[test]
    fn a_voice_note_says_how_long_it_is() {
        let preview = ogg(&note(HEAD, 150)).unwrap();
        assert_eq!((preview.duration_ms, preview.channels), (Some(3_000), Some(1)));
        assert_eq!(preview.codecs, ["opus"]);
        let cut = note(HEAD, 150);
        assert!(ogg(&cut[..cut.len() / 2]).unwrap().duration_ms.unwrap() < 3_000);
    }

    #[test]
    fn other_sounds_in_ogg_are_named() {
        assert_eq!(ogg(&note(b"\x01vorbis rest", 1)).unwrap().codecs, ["vorbis"]);
        assert_eq!(ogg(b"OggS and nothing"), None);
    }

    #[test]
    fn bars_are_measured_against_the_loudest() {
        let peaks: Vec<f32> = (0..480).map(|n| if n < 240 { 0.1 } else { 0.4 }).collect();
        let bars = bars(&peaks).unwrap();
        assert_eq!((bars.len(), bars[0], bars[47]), (BARS, 25, 100));
        assert_eq!(super::bars(&[0.0, 0.0]), Some(vec![0, 0]));
        assert_eq!(super::bars(&[]), None);
    }

    #[test]
    fn frames_of_amr_are_counted() {
        let frame = [&[0x3c][..], &[0; 31]].concat();
        let bytes = [b"#!AMR\n".to_vec(), frame.repeat(100)].concat();
        assert_eq!(amr(&bytes).unwrap().duration_ms, Some(2_000));
        assert_eq!(amr(&bytes[..bytes.len() - 5]).unwrap().duration_ms, Some(1_980));
        assert_eq!(amr(b"#!AMR-WB\n\x44").unwrap().duration_ms, Some(0));
    }
}
