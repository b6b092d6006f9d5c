//! Bytes to text: UTF-8 and UTF-16 (with or without a byte-order mark), else Windows-1252.
//!
//! Only content decides. Bytes that no text in these encodings would hold are not guessed at.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decoded text, and whether some bytes had to be replaced by `U+FFFD`.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) replaced: bool,
}

/// Decodes `bytes` if they are text in one of the known encodings; `None` means binary or another encoding.
pub(crate) fn decode(bytes: &[u8]) -> Option<Decoded> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return accept(encoding, bytes);
    }
    if let Some(encoding) = utf16_by_zeroes(bytes) {
        return accept(encoding, bytes);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return accept(UTF_8, bytes);
    }
    if nearly_utf8(bytes) {
        return accept(UTF_8, bytes);
    }
    // Windows-1252 gives every byte a meaning except these five, which tell other encodings apart.
    let undefined = bytes.iter().filter(|b| matches!(b, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)).count();
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    if undefined == 0 && high * 3 < bytes.len() { accept(WINDOWS_1252, bytes) } else { None }
}

/// Decodes with an encoding that the document itself names (an HTML `meta charset`), if it is a known one.
pub(crate) fn decode_as(label: &str, bytes: &[u8]) -> Option<Decoded> {
    accept(Encoding::for_label(label.as_bytes())?, bytes)
}

fn accept(encoding: &'static Encoding, bytes: &[u8]) -> Option<Decoded> {
    let (text, replaced) = encoding.decode_with_bom_removal(bytes);
    let odd = text.chars().filter(|c| is_binary(*c)).count();
    // A stray control character happens in real files (form feeds aside); a file full of them is not text.
    if odd * 100 > text.chars().count() || (odd > 0 && text.contains('\0')) {
        return None;
    }
    Some(Decoded { text: text.into_owned(), replaced })
}

fn is_binary(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{85}')
}

/// UTF-16 without a mark: in Latin script every second byte is zero.
fn utf16_by_zeroes(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    if sample.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeroes = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    match (zeroes(0), zeroes(1)) {
        (0, odd) if odd * 10 >= half * 8 => Some(UTF_16LE),
        (even, 0) if even * 10 >= half * 8 => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8 with a few broken bytes (a cut file, a bad paste), told by its many whole multi-byte characters.
fn nearly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole >= 4 * broken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        decode(bytes).map(|d| d.text)
    }

    fn utf16(s: &str, little: bool) -> Vec<u8> {
        s.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    }

    #[test]
    fn reads_the_encodings_in_use() {
        assert_eq!(text("Kopi – Rp 90.000".as_bytes()).unwrap(), "Kopi – Rp 90.000");
        assert_eq!(text(b"\xef\xbb\xbfhalo").unwrap(), "halo");
        assert_eq!(text(&[b"\xff\xfe".as_slice(), &utf16("halo é", true)].concat()).unwrap(), "halo é");
        assert_eq!(text(&[b"\xfe\xff".as_slice(), &utf16("halo é", false)].concat()).unwrap(), "halo é");
        assert_eq!(text(&utf16("jam buka", true)).unwrap(), "jam buka");
        assert_eq!(text(&utf16("jam buka", false)).unwrap(), "jam buka");
        assert_eq!(text(b"caf\xe9 \x93quoted\x94 \x80 5").unwrap(), "café “quoted” € 5");
    }

    #[test]
    fn refuses_what_is_not_text() {
        assert!(text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0").is_none());
        assert!(text(b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x90\xa2\x8a\x45").is_none(), "Shift-JIS");
        assert!(text(&[0u8; 64]).is_none());
        assert!(text(&(0u8..=255).collect::<Vec<_>>()).is_none());
    }

    #[test]
    fn a_broken_tail_is_replaced_not_misread() {
        let mut bytes = "Harga spesial – kopi “Gayo” é à ü".as_bytes().to_vec();
        bytes.extend_from_slice(b"\xe2\x80");
        let decoded = decode(&bytes).unwrap();
        assert!(decoded.replaced && decoded.text.contains("“Gayo”"));
    }

    proptest! {
        #[test]
        fn utf8_text_survives(s in "[\\PC\n]{0,200}") {
            prop_assume!(!s.starts_with('\u{feff}'));
            prop_assert_eq!(text(s.as_bytes()), Some(s));
        }

        #[test]
        fn any_bytes_are_safe(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }
    }
}
