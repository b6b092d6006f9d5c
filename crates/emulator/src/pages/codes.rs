//! The pictures of message links: QR codes as SVG and PNG.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use qrcode::QrCode;
use qrcode::render::svg;

use crate::graph::links;
use crate::platform::Platform;

/// How many dots a module of the code takes on each side.
const DOTS: usize = 8;
/// The blank border that scanners ask for, in modules.
const BORDER: usize = 4;

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/qr-codes/{number}/{file}", get(picture))
}

/// `GET /qr-codes/{number}/{code}.svg` or `.png`.
async fn picture(State(platform): State<Platform>, Path((number, file)): Path<(String, String)>) -> Response {
    let known = |code: &str| {
        platform
            .read(|world| world.number_files.get(&number).is_some_and(|file| file.links.contains_key(code)))
    };
    let drawn = file.rsplit_once('.').filter(|(code, _)| known(code)).and_then(|(code, form)| {
        let drawn = QrCode::new(links::address(code)).ok()?;
        match form {
            "svg" => Some(("image/svg+xml", drawn.render::<svg::Color<'_>>().build().into_bytes())),
            "png" => Some(("image/png", png(&drawn)?)),
            _ => None,
        }
    });
    match drawn {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn png(code: &QrCode) -> Option<Vec<u8>> {
    let modules = code.width();
    let side = (modules + 2 * BORDER) * DOTS;
    let dark = |dot: usize| {
        let at = |place: usize| (place / DOTS).checked_sub(BORDER).filter(|module| *module < modules);
        let (x, y) = (at(dot % side)?, at(dot / side)?);
        Some(code[(x, y)] == qrcode::Color::Dark)
    };
    let dots: Vec<u8> = (0..side * side).map(|dot| if dark(dot) == Some(true) { 0 } else { 255 }).collect();
    let length = u32::try_from(side).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, length, length);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().ok()?.write_image_data(&dots).ok()?;
    Some(bytes)
}
