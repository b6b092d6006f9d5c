//! Collecting consent over HTTP.

mod experiments;
mod forms;
mod links;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::qr;
use crate::ctx::Ctx;
use crate::http::Problem;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(forms::list_forms, forms::create_form))
        .routes(routes!(forms::get_form, forms::update_form))
        .routes(routes!(forms::list_form_versions, forms::add_form_version))
        .routes(routes!(forms::use_form_version))
        .routes(routes!(forms::put_form_logo, forms::remove_form_logo))
        .routes(routes!(forms::get_form_qr))
        .routes(routes!(forms::list_submissions, forms::record_submission))
        .routes(routes!(experiments::list_experiments, experiments::begin_experiment))
        .routes(routes!(experiments::get_experiment))
        .routes(routes!(experiments::stop_experiment))
        .routes(routes!(experiments::adopt_form_version))
        .routes(routes!(experiments::plan_experiment))
        .routes(routes!(links::list_chat_links, links::create_chat_link))
        .routes(routes!(links::update_chat_link))
        .routes(routes!(links::get_chat_link_qr))
}

/// As what a QR code is drawn.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Picture {
    /// Lines, for every size.
    #[default]
    Svg,
    /// Pixels, for programs that take nothing else.
    Png,
}

/// How a QR code is wanted.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct QrQuery {
    /// `svg` unless told.
    #[serde(default)]
    #[param(inline)]
    format: Picture,
}

fn drawn(address: &str, format: Picture, name: &str) -> Result<Response, Problem> {
    let (mime, bytes, ending) = match format {
        Picture::Svg => {
            let svg = qr::svg(address).map_err(|error| Problem::internal(&error))?;
            ("image/svg+xml", Bytes::from(svg), "svg")
        }
        Picture::Png => {
            let png = qr::png(address).map_err(|error| Problem::internal(&error))?;
            ("image/png", Bytes::from(png), "png")
        }
    };
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")),
    ];
    Ok((headers, bytes).into_response())
}

/// An address of this installation that anybody may open.
fn address(ctx: &Ctx, kind: &str, token: &str) -> String {
    format!("{}/{kind}/{token}", ctx.settings.public_url.as_str().trim_end_matches('/'))
}
