//! Pictures: their size as they are to be shown, and them in small.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use super::{Preview, Thumbnail};

/// A picture with more is not unpacked.
const MOST_PIXELS: u64 = 50_000_000;
/// What unpacking one may take: four bytes for each pixel, and twice that for sixteen bits.
const MOST_BYTES: u64 = MOST_PIXELS * 4 + (64 << 20);
/// The longer side of a small picture: twice what a page shows, for fine screens.
const SMALL: u32 = 640;
/// The longer side of what stands in for it.
const TINY: u32 = 12;
/// How well a small picture is kept.
const QUALITY: u8 = 78;

/// Looks at a picture. `None`: it is none that is known, or too large.
pub(super) fn look(bytes: &[u8]) -> Option<Preview> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (shown_width, shown_height) = if is_turned(orientation) { (height, width) } else { (width, height) };
    let colour = decoder.original_color_type();
    let known = Preview {
        width: Some(shown_width),
        height: Some(shown_height),
        deep_colour: colour.bits_per_pixel() / u16::from(colour.channel_count()).max(1) > 8,
        ..Preview::default()
    };
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Some(known);
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES);
    decoder.set_limits(limits).ok()?;
    // A picture whose rest is damaged still has a size.
    let Ok(image) = DynamicImage::from_decoder(decoder) else { return Some(known) };
    let side = SMALL.min(width.max(height));
    let mut small = image.thumbnail(side, side);
    drop(image);
    small.apply_orientation(orientation);
    Some(Preview { placeholder: placeholder(&small), thumbnail: thumbnail(&small), ..known })
}

/// Whether it was taken with the camera on its side.
fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn thumbnail(small: &DynamicImage) -> Option<Thumbnail> {
    let mut bytes = Vec::new();
    let mime = if small.color().has_alpha() {
        DynamicImage::from(small.to_rgba8())
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::WebP)
            .ok()?;
        "image/webp"
    } else {
        JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&small.to_rgb8()).ok()?;
        "image/jpeg"
    };
    Some(Thumbnail { mime: mime.to_owned(), base64: STANDARD.encode(bytes) })
}

fn placeholder(small: &DynamicImage) -> Option<String> {
    let mut bytes = Vec::new();
    let tiny = small.thumbnail(TINY, TINY).to_rgba8();
    DynamicImage::from(tiny).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    /// Red above, blue below.
    fn flag(width: u32, height: u32) -> DynamicImage {
        let image = RgbImage::from_fn(width, height, |_, y| {
            Rgb(if y < height / 2 { [220, 20, 20] } else { [20, 20, 220] })
        });
        DynamicImage::from(image)
    }

    fn small(preview: &Preview) -> DynamicImage {
        let thumbnail = preview.thumbnail.as_ref().unwrap();
        image::load_from_memory(&STANDARD.decode(&thumbnail.base64).unwrap()).unwrap()
    }

    /// A photograph as a phone held on its side writes it, with the place where it was taken.
    fn with_exif(jpeg: &[u8], orientation: u8, secret: &[u8]) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        tiff.extend(secret);
        let body = [b"Exif\0\0".as_slice(), &tiff].concat();
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], b"\xff\xe1", &length, &body, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photograph_is_shown_as_it_was_held_and_without_its_place() {
        let jpeg = written(&flag(1200, 800), ImageFormat::Jpeg);
        let bytes = with_exif(&jpeg, 6, b"GPS 6.2088 S 106.8456 E");
        let preview = look(&bytes).unwrap();
        assert_eq!((preview.width, preview.height), (Some(800), Some(1200)));
        let small = small(&preview).to_rgb8();
        assert_eq!(small.dimensions(), (427, 640));
        // Turned to the right, what was above is right.
        assert!(small.get_pixel(400, 300)[0] > 150 && small.get_pixel(20, 300)[2] > 150);
        let kept = STANDARD.decode(preview.thumbnail.unwrap().base64).unwrap();
        assert!(
            !kept.windows(3).any(|bytes| bytes == b"GPS") && !kept.windows(4).any(|bytes| bytes == b"Exif")
        );
        assert!(kept.len() < 40_000);
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let sticker = RgbaImage::from_fn(512, 512, |x, _| Rgba([0, 200, 0, if x < 256 { 0 } else { 255 }]));
        let preview = look(&written(&DynamicImage::from(sticker), ImageFormat::WebP)).unwrap();
        assert_eq!((preview.width, preview.height), (Some(512), Some(512)));
        assert_eq!(preview.thumbnail.as_ref().unwrap().mime, "image/webp");
        assert_eq!(small(&preview).to_rgba8().get_pixel(10, 10)[3], 0);
        assert!(preview.placeholder.unwrap().len() < 1500);
    }

    #[test]
    fn a_picture_of_too_many_pixels_or_half_of_one_has_a_size_and_no_more() {
        // The header of a PNG that claims 60,000 × 60,000 pixels.
        let mut huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0".to_vec();
        let crc = flate_crc(&huge[12..29]);
        huge.extend(crc.to_be_bytes());
        huge.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let preview = look(&huge).unwrap();
        assert_eq!((preview.width, preview.thumbnail), (Some(60_000), None));
        let png = written(&flag(300, 200), ImageFormat::Png);
        let half = look(&png[..png.len() / 2]).unwrap_or_default();
        assert_eq!(half.thumbnail, None);
        assert_eq!(look(b"no picture at all"), None);
    }

    #[test]
    fn colours_of_sixteen_bits_are_told() {
        let deep = DynamicImage::from(flag(10, 10).to_rgb16());
        assert!(look(&written(&deep, ImageFormat::Png)).unwrap().deep_colour);
        assert!(!look(&written(&flag(10, 10), ImageFormat::Png)).unwrap().deep_colour);
    }

    fn flate_crc(bytes: &[u8]) -> u32 {
        let mut crc = !0u32;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        !crc
    }
}
