//! Codes that people send in a message: which link led them here, or that the phone named in a form is theirs.
//!
//! A code stands in a message that a link has filled in, as `#` and letters and digits that are not mistaken for each
//! other. Whoever types it may use small letters, and O for 0.

/// Crockford's alphabet: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of as many characters as there are random bytes.
pub fn write(chance: &[u8]) -> String {
    chance.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// How many characters the codes of links have.
pub const LINK: usize = 6;
/// How many characters the codes have that confirm what was said in a form: too many to be guessed while one counts.
pub const FORM: usize = 8;

/// The codes in a text, as they were written first.
pub fn find(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('#').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        read(&rest[..end])
    })
}

fn read(word: &str) -> Option<String> {
    if !matches!(word.len(), LINK | FORM) {
        return None;
    }
    word.chars()
        .map(|c| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            other => u8::try_from(other).ok().filter(|byte| ALPHABET.contains(byte)).map(char::from),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        find(text).collect()
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        assert_eq!(found("Halo, saya mau pesan (#K7M2QX)"), ["K7M2QX"]);
        assert_eq!(found("ya, setuju #k7m2qxo1."), ["K7M2QX01"]);
        assert_eq!(found("#KOPI11 #A1B2C3D4"), ["K0P111", "A1B2C3D4"]);
    }

    #[test]
    fn ordinary_words_are_no_codes() {
        for text in
            ["pesanan #12", "#promo", "#diskonbesar", "#éclair", "#buku88", "K7M2QX", "#", "# K7M2QX", ""]
        {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn what_was_written_is_found() {
        for bytes in [&[0, 31, 32, 255, 7, 9][..], &[1, 2, 3, 4, 5, 6, 7, 8]] {
            let code = write(bytes);
            assert_eq!(found(&format!("x (#{code})")), [code]);
        }
    }
}
