//! GSM's default alphabet (3GPP TS 23.038), one byte for each character as SMPP carries it.

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Reads it.
pub fn read(bytes: &[u8]) -> String {
    let basic: Vec<char> = BASIC.chars().collect();
    let mut bytes = bytes.iter();
    let mut text = String::new();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            0x1b => match bytes.next() {
                Some(0x0a) => '\u{c}',
                Some(0x14) => '^',
                Some(0x28) => '{',
                Some(0x29) => '}',
                Some(0x2f) => '\\',
                Some(0x3c) => '[',
                Some(0x3d) => '~',
                Some(0x3e) => ']',
                Some(0x40) => '|',
                Some(0x65) => '€',
                _ => ' ',
            },
            byte => basic.get(usize::from(*byte)).copied().unwrap_or('\u{fffd}'),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_whole() {
        assert_eq!(BASIC.chars().count(), 128);
        assert_eq!(read(b"Halo\x00x_y \x11 \x1b\x65"), "Halo@x§y _ €");
    }
}
