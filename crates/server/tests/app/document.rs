//! The API document: what clients are built on.

/// A change of it is a change of the API: look at it, then accept it by
/// `UPDATE_OPENAPI=1 cargo nextest run -p server the_committed_document`.
#[test]
fn the_committed_document_is_what_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let mut served = server::http::router::document().to_pretty_json().unwrap();
    served.push('\n');
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == served,
        "crates/server/openapi.json is not what is served. If the change is meant, run \
         `UPDATE_OPENAPI=1 cargo nextest run -p server the_committed_document` and commit the file."
    );
}
