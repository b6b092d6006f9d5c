//! Forms that carry files: the short fields beside the file.

use axum::extract::multipart::{Field, MultipartError};

use super::problem::Problem;

/// A field's text. `None`: it has more than `most` bytes, of which no more were read: the body around it may be as large
/// as a file, and must not come into memory as a field.
pub async fn short(mut field: Field<'_>, most: usize) -> Result<Option<String>, MultipartError> {
    let mut text = Vec::new();
    while let Some(piece) = field.chunk().await? {
        if text.len() + piece.len() > most {
            return Ok(None);
        }
        text.extend_from_slice(&piece);
    }
    // PostgreSQL stores no U+0000.
    Ok(Some(String::from_utf8_lossy(&text).replace('\0', "")))
}

/// The form carries no file.
pub fn no_file() -> Problem {
    Problem::bad_request(
        "no_file",
        "Send the file as `multipart/form-data` with a part named `file`, for example `curl -F file=@menu.pdf`.",
    )
}

/// The form ended early or does not read.
pub fn broken() -> Problem {
    Problem::bad_request("broken_upload", "The form did not arrive whole. Send it again.")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::{FromRequest as _, Multipart, Request};
    use axum::http::header::CONTENT_TYPE;

    use super::*;

    #[tokio::test]
    async fn a_long_field_is_not_read_to_its_end() {
        for (length, fits) in [(5, true), (20, true), (21, false), (1_000_000, false)] {
            let text = "x".repeat(length);
            let body =
                format!("--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{text}\r\n--b--\r\n");
            let request = Request::builder().header(CONTENT_TYPE, "multipart/form-data; boundary=b");
            let request = request.body(Body::from(body)).unwrap();
            let mut form = Multipart::from_request(request, &()).await.unwrap();
            let field = form.next_field().await.unwrap().unwrap();
            assert_eq!(short(field, 20).await.unwrap(), fits.then_some(text), "{length}");
        }
    }
}
