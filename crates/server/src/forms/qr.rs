//! QR codes as pictures.

use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// How many pixels a module has in a PNG: enough to be printed as large as a hand.
const SCALE: usize = 24;
/// The border that scanners need.
const BORDER: usize = 4;

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDrawn {
    /// It holds more than a code can.
    #[error("the text does not fit into a QR code")]
    TooLong(#[from] qrcode::types::QrError),
    /// The picture's bytes.
    #[error("the picture could not be written")]
    Png(#[from] png::EncodingError),
}

fn code(text: &str) -> Result<QrCode, NotDrawn> {
    Ok(QrCode::with_error_correction_level(text, EcLevel::M)?)
}

/// As SVG: black on white, for every size.
pub(crate) fn svg(text: &str) -> Result<String, NotDrawn> {
    Ok(code(text)?.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
}

/// As PNG, of one bit a pixel.
pub(crate) fn png(text: &str) -> Result<Vec<u8>, NotDrawn> {
    let code = code(text)?;
    let side = (code.width() + 2 * BORDER) * SCALE;
    let row = side.div_ceil(8);
    let mut pixels = vec![0xff; row * side];
    for y in 0..side {
        for x in 0..side {
            let module = |at: usize| (at / SCALE).checked_sub(BORDER).filter(|place| *place < code.width());
            if let (Some(across), Some(down)) = (module(x), module(y))
                && code[(across, down)] == Color::Dark
            {
                pixels[y * row + x / 8] &= !(0x80 >> (x % 8));
            }
        }
    }
    let mut file = Vec::new();
    let size = u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(&mut file, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pictures_have_the_code_s_modules() {
        let text = "https://sapa.example/l/kasir-1234";
        let code = code(text).unwrap();
        assert!(svg(text).unwrap().starts_with("<?xml"));
        let mut reader = png::Decoder::new(std::io::Cursor::new(png(text).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width as usize, (code.width() + 2 * BORDER) * SCALE);
        for (across, down) in [(0, 0), (1, 1), (3, 3), (10, 12), (code.width() - 1, code.width() - 1)] {
            let at = |place: usize| (place + BORDER) * SCALE + SCALE / 2;
            let dark = pixels[at(down) * info.line_size + at(across) / 8] & (0x80 >> (at(across) % 8)) == 0;
            assert_eq!(dark, code[(across, down)] == Color::Dark, "{across} {down}");
        }
        assert!(svg(&"x".repeat(5_000)).is_err());
    }
}
