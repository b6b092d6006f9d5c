//! The API document, and the pages that tell what it cannot: what clients are built on.

use std::collections::BTreeSet;
use std::path::Path;

use rules::gate::Reason;

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

/// What a constructor of problems begins with; the code is the first text that it is given.
const CONSTRUCTORS: &[&str] = &[
    "::bad_request(",
    "::unproven(",
    "::forbidden(",
    "::conflict(",
    "::unprocessable(",
    "::too_many(",
    "::slow_down(",
    "::new(",
    "Failed::Conflict(",
    "Failed::NotAllowed(",
    " conflict(",
    "(conflict(",
];

/// The codes of problems in the source below a folder.
fn codes(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            codes(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for constructor in CONSTRUCTORS {
                found
                    .extend(code.split(constructor).skip(1).filter_map(|rest| first_text(constructor, rest)));
            }
        }
    }
}

fn first_text(constructor: &str, rest: &str) -> Option<String> {
    let mut rest = rest.trim_start();
    if constructor == "::new(" {
        // Of the many that are made anew, problems begin with a status.
        rest = rest.strip_prefix("StatusCode::")?.split_once(',')?.1.trim_start();
    }
    let code = rest.strip_prefix('"')?.split('"').next()?;
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_code.then(|| code.to_owned())
}

#[test]
fn the_page_of_problem_codes_names_those_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: BTreeSet<String> = Reason::ALL.iter().map(|reason| reason.as_str().to_owned()).collect();
    codes(&root.join("src"), &mut found);
    assert!(found.len() > 80, "the source is read");
    let page = std::fs::read_to_string(root.join("../../docs/problems.md")).unwrap();
    let told: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(code, _)| code.to_owned()))
        .collect();
    let missing: Vec<_> = found.difference(&told).collect();
    let stale: Vec<_> = told.difference(&found).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "docs/problems.md lacks {missing:?} and still has {stale:?}"
    );
}
