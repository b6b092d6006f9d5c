//! What a file is, and whether Meta takes it as what it is to be sent as.
//!
//! Invariant: content decides. Kinds, types and sizes come from `meta::limits`; here they are compared with the bytes,
//! because Meta reports a mismatch only after it has accepted the message (131053, a failed status).

use meta::limits::{STILL_STICKER_BYTES, media_bytes, media_types};
use meta::webhook::MediaKind;

/// How many leading bytes of a file are enough to recognise it.
pub const HEAD_BYTES: usize = 8 << 10;

/// A file that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it is sent as.
    pub kind: MediaKind,
    /// Its type, without parameters.
    pub mime: String,
    /// The most bytes it may have.
    pub most: u64,
}

/// Why a file may not be sent as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Meta does not take this type as this kind.
    #[error("WhatsApp does not take {mime} as {kind}; it takes {}", allowed(*.kind))]
    NotTaken {
        /// The declared type.
        mime: String,
        /// The kind it was to be sent as, in words.
        kind: Noun,
    },
    /// The declared type is not what the bytes are.
    #[error("the file was declared as {declared} but is {}; declare it as what it is", found.unwrap_or("something else"))]
    Differs {
        /// The declared type.
        declared: String,
        /// What the content is, where it is recognised.
        found: Option<&'static str>,
    },
    /// Ogg sound in another coding than Opus.
    #[error("WhatsApp takes audio/ogg only with Opus sound; convert the file to Opus, AAC or MP3")]
    NotOpus,
    /// A program.
    #[error("programs are not sent; put the file where people can download it and send a link")]
    Program,
    /// No bytes.
    #[error("the file is empty")]
    Empty,
}

/// A kind of media as a noun of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun(pub MediaKind);

impl std::fmt::Display for Noun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            MediaKind::Image => "an image",
            MediaKind::Video => "a video",
            MediaKind::Audio => "audio",
            MediaKind::Document => "a document",
            MediaKind::Sticker => "a sticker",
        })
    }
}

fn allowed(kind: Noun) -> String {
    media_types(kind.0).join(", ")
}

/// Checks that a file may be sent as `kind` under its declared type, by its first bytes ([`HEAD_BYTES`] of them).
///
/// As a document any type passes, as it does at Meta in practice, although the published list is short (media,
/// 2025-12); but a type that is known must be true.
///
/// # Errors
/// [`Unfit`] says what is wrong and what would do.
pub fn check(kind: MediaKind, declared: &str, head: &[u8]) -> Result<Checked, Unfit> {
    let mime = canonical(declared);
    if kind != MediaKind::Document && !media_types(kind).contains(&mime.as_str()) {
        return Err(Unfit::NotTaken { mime, kind: Noun(kind) });
    }
    if head.is_empty() {
        return Err(Unfit::Empty);
    }
    if infer::is_app(head) {
        return Err(Unfit::Program);
    }
    if !is_true(&mime, head) {
        return Err(Unfit::Differs { declared: mime, found: recognise(head) });
    }
    if kind == MediaKind::Audio && mime == "audio/ogg" && !head.windows(8).any(|w| w == b"OpusHead") {
        return Err(Unfit::NotOpus);
    }
    let still = kind == MediaKind::Sticker && !is_moving_webp(head);
    let most = if still { STILL_STICKER_BYTES } else { media_bytes(kind) };
    Ok(Checked { kind, mime, most })
}

/// The type to record for a file that someone sent to us: what the content is; else what was declared, if that is a
/// type at all; else unknown bytes. Never refuses: what a customer sends is kept.
pub fn arrived(declared: Option<&str>, head: &[u8]) -> String {
    if let Some(declared) = declared.map(canonical)
        && is_known(&declared)
        && is_true(&declared, head)
    {
        return declared;
    }
    if let Some(found) = recognise(head) {
        return found.to_string();
    }
    declared.map(canonical).filter(|mime| is_type(mime) && !is_known(mime)).unwrap_or_else(|| UNKNOWN.into())
}

/// Bytes of no known type.
pub const UNKNOWN: &str = "application/octet-stream";

/// What the content is, by its marks.
pub fn recognise(head: &[u8]) -> Option<&'static str> {
    if let Some(brand) = brand(head) {
        return Some(match &brand {
            b"M4A " | b"M4B " | b"F4A " => "audio/mp4",
            b"qt  " => "video/quicktime",
            [b'3', b'g', ..] => "video/3gpp",
            b"heic" | b"heix" | b"mif1" | b"msf1" => "image/heif",
            b"avif" | b"avis" => "image/avif",
            _ => "video/mp4",
        });
    }
    if head.starts_with(b"OggS") {
        return Some("audio/ogg");
    }
    if head.starts_with(b"#!AMR") {
        return Some("audio/amr");
    }
    infer::get(head).map(|found| match found.mime_type() {
        "audio/opus" => "audio/ogg",
        "audio/m4a" => "audio/mp4",
        other => other,
    })
}

/// Whether the bytes are what a type says. A type that has no marks known here is believed.
fn is_true(mime: &str, head: &[u8]) -> bool {
    let found = recognise(head);
    match mime {
        // One container: sound alone, and phones' videos, carry any of its brands.
        "audio/mp4" | "video/3gpp" => matches!(found, Some("audio/mp4" | "video/mp4" | "video/3gpp")),
        "video/mp4" => matches!(found, Some("video/mp4" | "video/3gpp")),
        // Frames may begin without a tag, and a tag may precede either.
        "audio/mpeg" | "audio/aac" => {
            matches!(found, Some("audio/mpeg" | "audio/aac"))
                || matches!(head, [0xff, second, ..] if second & 0xe0 == 0xe0)
        }
        "text/plain" => is_text(head),
        _ if OPEN_XML.contains(&mime) => {
            found == Some(mime) || (found == Some("application/zip") && head.starts_with(b"PK"))
        }
        _ if OLD_OFFICE.contains(&mime) => head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        _ if is_known(mime) => found == Some(mime),
        _ => true,
    }
}

const OPEN_XML: [&str; 3] = [
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];
const OLD_OFFICE: [&str; 3] =
    ["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];

/// Whether the marks of a type are known here: Meta's list, and pictures that browsers show.
fn is_known(mime: &str) -> bool {
    mime == "image/gif" || MediaKind::ALL.into_iter().any(|kind| media_types(kind).contains(&mime))
}

/// A type without parameters, in lower case, under the name Meta uses.
fn canonical(declared: &str) -> String {
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "image/jpg" | "image/pjpeg" => "image/jpeg".into(),
        "audio/mp3" => "audio/mpeg".into(),
        "audio/opus" => "audio/ogg".into(),
        "audio/m4a" | "audio/x-m4a" => "audio/mp4".into(),
        "video/3gp" => "video/3gpp".into(),
        _ => essence,
    }
}

/// `type/subtype` of the characters that names of types are made of.
fn is_type(mime: &str) -> bool {
    let token =
        |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    mime.len() <= 127 && mime.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

/// The brand of an MP4 container.
fn brand(head: &[u8]) -> Option<[u8; 4]> {
    (head.get(4..8)? == b"ftyp").then_some(())?;
    head.get(8..12)?.try_into().ok()
}

fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return true;
    }
    // The head may end within a character; any other fault, or a zero, is not text. Old single-byte encodings are.
    !head.contains(&0)
        && !head.starts_with(b"%PDF-")
        && recognise(head).is_none_or(|found| found.starts_with("text/"))
}

fn is_moving_webp(head: &[u8]) -> bool {
    head.get(12..16) == Some(b"VP8X") && head.get(20).is_some_and(|flags| flags & 0x02 != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01";
    const MP4: &[u8] = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41";
    const M4A: &[u8] = b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom";
    const THREE_GP: &[u8] = b"\0\0\0\x18ftyp3gp5\0\0\x01\0";
    const OLD: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0";

    fn ogg(coding: &[u8]) -> Vec<u8> {
        [b"OggS\0\x02\0\0\0\0\0\0\0\0abcd\0\0\0\0abcd\x01\x13".as_slice(), coding, b"\x01\x01"].concat()
    }

    fn webp(moving: bool) -> Vec<u8> {
        let mut bytes = b"RIFF\x10\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
        bytes.push(if moving { 0x12 } else { 0x10 });
        bytes.extend([0; 10]);
        bytes
    }

    fn mime(kind: MediaKind, declared: &str, head: &[u8]) -> Result<String, Unfit> {
        check(kind, declared, head).map(|checked| checked.mime)
    }

    #[test]
    fn what_meta_takes_passes() {
        use MediaKind::*;
        for (kind, declared, head) in [
            (Image, "image/jpeg", JPEG.to_vec()),
            (Image, "IMAGE/JPG; q=1", JPEG.to_vec()),
            (Image, "image/png", PNG.to_vec()),
            (Video, "video/mp4", MP4.to_vec()),
            (Video, "video/3gpp", THREE_GP.to_vec()),
            (Audio, "audio/ogg; codecs=opus", ogg(b"OpusHead")),
            (Audio, "audio/mp4", M4A.to_vec()),
            (Audio, "audio/mp4", MP4.to_vec()),
            (Audio, "audio/mpeg", b"ID3\x04\0\0\0\0\0\0".to_vec()),
            (Audio, "audio/mpeg", b"\xff\xfa\x90\0".to_vec()),
            (Audio, "audio/aac", b"\xff\xf1\x50\x80".to_vec()),
            (Audio, "audio/amr", b"#!AMR\n\x3c".to_vec()),
            (Sticker, "image/webp", webp(true)),
            (Document, "application/pdf", b"%PDF-1.7\n".to_vec()),
            (Document, "text/plain", "Halo – dunia".into()),
            (Document, "application/msword", OLD.to_vec()),
            (Document, "image/png", PNG.to_vec()),
            (Document, "application/x-tar", b"anything".to_vec()),
        ] {
            assert!(check(kind, declared, &head).is_ok(), "{declared}: {:?}", check(kind, declared, &head));
        }
    }

    #[test]
    fn what_is_not_so_is_refused_with_the_reason() {
        use MediaKind::*;
        let differs = |declared: &str, found| Err(Unfit::Differs { declared: declared.into(), found });
        assert_eq!(mime(Image, "image/png", JPEG), differs("image/png", Some("image/jpeg")));
        assert_eq!(mime(Image, "image/png", b"<svg onload=alert(1)>"), differs("image/png", None));
        assert_eq!(mime(Video, "video/mp4", M4A), differs("video/mp4", Some("audio/mp4")));
        assert_eq!(mime(Document, "application/pdf", PNG), differs("application/pdf", Some("image/png")));
        assert_eq!(mime(Document, "text/plain", b"a\0b"), differs("text/plain", None));
        assert_eq!(mime(Audio, "audio/ogg", &ogg(b"\x01vorbis")), Err(Unfit::NotOpus));
        assert_eq!(
            mime(Document, "text/plain", &[b"\x7fELF\x02\x01\x01".as_slice(), &[0; 64]].concat()),
            Err(Unfit::Program)
        );
        assert_eq!(mime(Image, "image/png", b""), Err(Unfit::Empty));
        let refused = mime(Image, "image/gif", b"GIF89a").unwrap_err();
        assert_eq!(refused, Unfit::NotTaken { mime: "image/gif".into(), kind: Noun(Image) });
        assert_eq!(
            refused.to_string(),
            "WhatsApp does not take image/gif as an image; it takes image/jpeg, image/png"
        );
    }

    #[test]
    fn sizes_follow_kind_and_movement() {
        assert_eq!(check(MediaKind::Sticker, "image/webp", &webp(false)).unwrap().most, 100 << 10);
        assert_eq!(check(MediaKind::Sticker, "image/webp", &webp(true)).unwrap().most, 500 << 10);
        assert_eq!(check(MediaKind::Image, "image/png", PNG).unwrap().most, 5 << 20);
        assert_eq!(check(MediaKind::Document, "application/pdf", b"%PDF-1.7").unwrap().most, 100 << 20);
    }

    #[test]
    fn what_arrives_is_recorded_as_what_it_is() {
        assert_eq!(arrived(Some("image/jpeg"), JPEG), "image/jpeg");
        assert_eq!(arrived(Some("audio/ogg; codecs=opus"), &ogg(b"OpusHead")), "audio/ogg");
        assert_eq!(arrived(Some("audio/mp4"), MP4), "audio/mp4", "the container cannot tell; the sender can");
        assert_eq!(arrived(Some("image/png"), JPEG), "image/jpeg");
        assert_eq!(arrived(Some("image/png"), b"junk\0\0"), UNKNOWN);
        assert_eq!(arrived(Some("application/x-note"), b"junk\0\0"), "application/x-note");
        assert_eq!(arrived(Some("evil\r\nheader: x"), b"junk\0\0"), UNKNOWN);
        assert_eq!(arrived(None, PNG), "image/png");
    }

    proptest! {
        #[test]
        fn any_bytes_and_types_are_safe(head in prop::collection::vec(any::<u8>(), 0..64), declared in any::<String>()) {
            for kind in MediaKind::ALL {
                let _ = check(kind, &declared, &head);
            }
            prop_assert!(is_type(&arrived(Some(&declared), &head)));
        }
    }
}
