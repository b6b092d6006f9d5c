//! Samples for the review of templates, and profile pictures: resumable uploads to an app.

use reqwest::header::AUTHORIZATION;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret as _;

use super::{Access, Graph, GraphError, Upload};

impl Graph {
    /// Uploads a sample in one go; returns the handle by which a template shows it to the reviewers. Handles are of the
    /// app, not of a number, and these calls want another scheme than all others: `OAuth`.
    pub async fn upload_sample(
        &self,
        access: &Access<'_>,
        app_id: &str,
        upload: Upload,
    ) -> Result<String, GraphError> {
        let length = upload.size.unwrap_or_default().to_string();
        let about =
            [("file_name", upload.filename.as_str()), ("file_length", &length), ("file_type", &upload.mime)];
        let opened = self.post(&[app_id, "uploads"], access)?.query(&about);
        let session = opened.node(|answer| answer.string("id")).await?;
        // Sessions of today carry a signature behind a question mark.
        let (path, signature) = session.split_once('?').unwrap_or((&session, ""));
        let mut call = self.post(&[path], access)?;
        let signature: Vec<(&str, &str)> =
            signature.split('&').filter_map(|pair| pair.split_once('=')).collect();
        call = call.query(&signature);
        let oauth = format!("OAuth {}", access.token.expose_secret());
        let mut oauth = HeaderValue::try_from(oauth).map_err(|_| GraphError::Unreachable {
            reason: "the access token holds characters that no token has",
        })?;
        oauth.set_sensitive(true);
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(AUTHORIZATION, oauth);
        headers.insert("file_offset", HeaderValue::from_static("0"));
        call.request = call.request.headers(headers).body(upload.body).timeout(self.config.media_timeout);
        call.node(|answer| answer.string("h")).await
    }
}
