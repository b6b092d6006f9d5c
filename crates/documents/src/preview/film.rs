//! Films, and sound in the same container: how large they are shown, how long they last, what they are coded in.

use std::io::Cursor;

use mp4parse::{CodecType, SampleEntry, Track, TrackType, read_mp4};

use super::Preview;

/// Looks at an MP4, M4A or 3GP file. `None`: it cannot be read.
pub(super) fn look(bytes: &[u8]) -> Option<Preview> {
    let context = read_mp4(&mut Cursor::new(bytes)).ok()?;
    let mut preview = Preview::default();
    for track in &context.tracks {
        preview.duration_ms = preview.duration_ms.max(duration_ms(track));
        let Some(mut coding) = coding(track) else { continue };
        // The parser knows no H.265, which phones film in; its table is told by its name.
        if coding == "unknown" && bytes.windows(4).any(|name| name == b"hvcC") {
            coding = "h265";
        }
        preview.codecs.push(coding.to_owned());
        if track.track_type == TrackType::Video
            && let Some((width, height)) = shown(track)
        {
            (preview.width, preview.height) = (Some(width), Some(height));
        }
    }
    Some(preview)
}

fn duration_ms(track: &Track) -> Option<u64> {
    let (length, scale) = (track.duration.as_ref()?.0, track.timescale.as_ref()?.0);
    length.checked_mul(1000)?.checked_div(scale)
}

/// In pixels, turned as it was filmed.
fn shown(track: &Track) -> Option<(u32, u32)> {
    let head = track.tkhd.as_ref()?;
    let (width, height) = (head.width >> 16, head.height >> 16);
    let is_turned = head.matrix.a == 0 && head.matrix.d == 0;
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some((width, height))
}

fn coding(track: &Track) -> Option<&'static str> {
    let entry = track.stsd.as_ref()?.descriptions.iter().next()?;
    let coding = match entry {
        SampleEntry::Audio(audio) => audio.codec_type,
        SampleEntry::Video(video) => video.codec_type,
        SampleEntry::Unknown => return is_seen_or_heard(track).then_some("unknown"),
    };
    Some(match coding {
        CodecType::H264 => "h264",
        CodecType::H263 => "h263",
        CodecType::MP4V => "mpeg4",
        CodecType::AV1 => "av1",
        CodecType::VP9 => "vp9",
        CodecType::VP8 => "vp8",
        CodecType::AAC => "aac",
        CodecType::MP3 => "mp3",
        CodecType::Opus => "opus",
        CodecType::FLAC => "flac",
        CodecType::ALAC => "alac",
        CodecType::LPCM => "pcm",
        CodecType::EncryptedVideo | CodecType::EncryptedAudio => "encrypted",
        _ => "unknown",
    })
}

fn is_seen_or_heard(track: &Track) -> bool {
    matches!(track.track_type, TrackType::Audio | TrackType::Video)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &[u8; 4], body: &[&[u8]]) -> Vec<u8> {
        let body = body.concat();
        [&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), name.as_slice(), &body].concat()
    }

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    /// A film of one track of 2.5 seconds, of such pictures.
    fn film(coding: &[u8; 4], matrix: [u32; 9]) -> Vec<u8> {
        let head =
            [numbers(&[0, 0, 0, 1, 0, 2500, 0, 0, 0, 0]), numbers(&matrix), numbers(&[640 << 16, 360 << 16])]
                .concat();
        let entry = part(coding, &[&[0; 78], &part(b"hvcC", &[&[1; 23]])]);
        let table = part(b"stbl", &[&part(b"stsd", &[&numbers(&[0, 1]), &entry])]);
        let track = part(
            b"trak",
            &[
                &part(b"tkhd", &[&head]),
                &part(
                    b"mdia",
                    &[
                        &part(b"mdhd", &[&numbers(&[0, 0, 0, 1000, 2500, 0])]),
                        &part(b"hdlr", &[&numbers(&[0, 0]), b"vide", &numbers(&[0, 0, 0]), b"\0"]),
                        &part(b"minf", &[&table]),
                    ],
                ),
            ],
        );
        let head = part(b"mvhd", &[&numbers(&[0, 0, 0, 1000, 2500]), &[0; 80]]);
        [
            part(b"ftyp", &[b"isom", &[0; 4], b"isom"]),
            part(b"moov", &[&head, &track]),
            part(b"mdat", &[b"pictures"]),
        ]
        .concat()
    }

    const UPRIGHT: [u32; 9] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];
    const ON_ITS_SIDE: [u32; 9] = [0, 0x10000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000];

    #[test]
    fn a_film_says_how_large_and_how_long_it_is() {
        let preview = look(&film(b"hvc1", UPRIGHT)).unwrap();
        assert_eq!((preview.width, preview.height, preview.duration_ms), (Some(640), Some(360), Some(2500)));
        assert_eq!(preview.codecs, ["h265"]);
        let turned = look(&film(b"hvc1", ON_ITS_SIDE)).unwrap();
        assert_eq!((turned.width, turned.height), (Some(360), Some(640)));
    }

    #[test]
    fn what_is_cut_off_or_no_film_at_all_is_not_known() {
        let whole = film(b"hvc1", UPRIGHT);
        for end in [0, 8, 20, 60, whole.len() / 2] {
            let _ = look(&whole[..end]);
        }
        assert_eq!(look(b"\0\0\0\x08ftyp"), None);
    }
}
