//! How stored bytes leave: always as an attachment, never as something a browser runs.
//!
//! Invariant: only pictures, sound and video that a browser merely shows keep their type; everything else, HTML, SVG,
//! XML, scripts and PDF included, is unknown bytes. Whatever the type, sniffing is off, the sandbox is on, and only
//! our own pages may embed it.

use super::blob::{BlobHash, Span};
use super::file_name;
use super::kind::UNKNOWN;

/// What the reader already has and wants, from the request's headers of these names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// `Range`.
    pub range: Option<&'a str>,
    /// `If-Range`.
    pub if_range: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
}

/// A file to be downloaded.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its type, as [`kind::arrived`](super::kind::arrived) or [`kind::check`](super::kind::check) gave it.
    pub mime: &'a str,
    /// The name it came with, as it came.
    pub name: &'a str,
    /// Its content.
    pub hash: BlobHash,
    /// Its size in bytes.
    pub size: u64,
}

/// Status, headers and the bytes to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// 200, 206, 304 or 416.
    pub status: u16,
    /// Headers, in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The bytes to send; `None` for none.
    pub span: Option<Span>,
}

impl Download {
    /// The answer to a request for `file`.
    pub fn answer(file: File<'_>, wish: Wish<'_>) -> Self {
        let tag = format!("\"{}\"", file.hash);
        let mut headers = vec![
            ("content-type", served_type(file.mime).to_string()),
            ("content-disposition", disposition(&file_name::sanitise(file.name, file.mime))),
            ("x-content-type-options", "nosniff".into()),
            ("content-security-policy", "default-src 'none'; sandbox".into()),
            ("cross-origin-resource-policy", "same-origin".into()),
            // Kept by the reader, but asked for again each time: the right to see it may have ended.
            ("cache-control", "private, no-cache".into()),
            ("accept-ranges", "bytes".into()),
            ("etag", tag.clone()),
        ];
        if wish.if_none_match.is_some_and(|tags| tags.split(',').any(|t| matches(t, &tag))) {
            return Self { status: 304, headers, span: None };
        }
        let range = wish.range.filter(|_| wish.if_range.is_none_or(|t| t.trim() == tag));
        let (status, span) = match range.map_or(Ranged::Whole, |range| ranged(range, file.size)) {
            Ranged::Whole => (200, whole(file.size)),
            Ranged::Part(span) => {
                headers.push(("content-range", format!("bytes {}-{}/{}", span.first, span.last, file.size)));
                (206, Some(span))
            }
            Ranged::Beyond => {
                headers.push(("content-range", format!("bytes */{}", file.size)));
                (416, None)
            }
        };
        headers.push(("content-length", span.map_or(0, |span| span.len()).to_string()));
        Self { status, headers, span }
    }
}

/// The types a browser merely shows or plays.
fn served_type(mime: &str) -> &str {
    match mime {
        "image/jpeg" | "image/png" | "image/webp" | "image/gif" | "audio/aac" | "audio/amr"
        | "audio/mpeg" | "audio/mp4" | "audio/ogg" | "video/mp4" | "video/3gpp" => mime,
        _ => UNKNOWN,
    }
}

/// `attachment` with the name twice (RFC 6266): plain for old readers, in UTF-8 (RFC 5987) for the rest.
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            full.push(char::from(byte));
        } else {
            full.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

fn matches(given: &str, tag: &str) -> bool {
    let given = given.trim();
    given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag
}

enum Ranged {
    Whole,
    Part(Span),
    Beyond,
}

/// Reads a `Range` header. Several ranges at once, and what is not understood, mean the whole (RFC 9110 §14.2).
fn ranged(range: &str, size: u64) -> Ranged {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|spec| spec.split_once('-'))
    else {
        return Ranged::Whole;
    };
    let number = |s: &str| -> Option<u64> {
        let s = s.trim();
        (!s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(0) => return Ranged::Beyond,
            Some(length) if size > 0 => (size.saturating_sub(length), size - 1),
            Some(_) => return Ranged::Beyond,
            None => return Ranged::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => (first, u64::MAX),
            None => return Ranged::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last),
            _ => return Ranged::Whole,
        },
    };
    if first >= size { Ranged::Beyond } else { Ranged::Part(Span { first, last: last.min(size - 1) }) }
}

fn whole(size: u64) -> Option<Span> {
    size.checked_sub(1).map(|last| Span { first: 0, last })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file<'a>(mime: &'a str, name: &'a str) -> File<'a> {
        File { mime, name, hash: BlobHash::of(b"x"), size: 1000 }
    }

    fn header<'a>(download: &'a Download, name: &str) -> Option<&'a str> {
        download.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }

    fn ask(range: &str) -> Download {
        Download::answer(file("image/png", "a.png"), Wish { range: Some(range), ..Wish::default() })
    }

    #[test]
    fn active_content_leaves_as_unknown_bytes() {
        for mime in [
            "text/html",
            "image/svg+xml",
            "application/xml",
            "text/xml",
            "application/xhtml+xml",
            "text/javascript",
            "application/javascript",
            "application/pdf",
            "text/plain",
            "application/x-note",
            "",
            "IMAGE/PNG",
        ] {
            let download = Download::answer(file(mime, "a"), Wish::default());
            assert_eq!(header(&download, "content-type"), Some(UNKNOWN), "{mime}");
        }
    }

    #[test]
    fn every_answer_carries_the_guards() {
        let tag = format!("\"{}\"", BlobHash::of(b"x"));
        let answers = [
            Download::answer(file("image/png", "a.png"), Wish::default()),
            ask("bytes=0-1"),
            ask("bytes=5000-"),
            Download::answer(
                file("image/png", "a.png"),
                Wish { if_none_match: Some(&tag), ..Wish::default() },
            ),
        ];
        assert_eq!(answers.each_ref().map(|d| d.status), [200, 206, 416, 304]);
        for answer in &answers {
            assert!(header(answer, "content-disposition").unwrap().starts_with("attachment; "));
            assert_eq!(header(answer, "x-content-type-options"), Some("nosniff"));
            assert_eq!(header(answer, "content-security-policy"), Some("default-src 'none'; sandbox"));
            assert_eq!(header(answer, "cache-control"), Some("private, no-cache"));
        }
    }

    #[test]
    fn names_reach_old_and_new_readers() {
        assert_eq!(
            disposition("Daftar harga – kopi.pdf"),
            "attachment; filename=\"Daftar harga _ kopi.pdf\"; filename*=UTF-8''Daftar%20harga%20%E2%80%93%20kopi.pdf"
        );
        let download = Download::answer(file("image/png", "a\"; filename=\"x.html\r\nx: y"), Wish::default());
        let value = header(&download, "content-disposition").unwrap();
        assert!(!value.contains(['\r', '\n']) && value.matches('"').count() == 2, "{value}");
    }

    #[test]
    fn ranges() {
        let span = |first, last| Some(Span { first, last });
        for (range, status, expected) in [
            ("bytes=0-99", 206, span(0, 99)),
            ("bytes=900-", 206, span(900, 999)),
            ("bytes=-10", 206, span(990, 999)),
            ("bytes=-5000", 206, span(0, 999)),
            ("bytes=500-99999999999999999999999", 206, span(500, 999)),
            ("bytes=1000-", 416, None),
            ("bytes=-0", 416, None),
            ("bytes=9-3", 200, span(0, 999)),
            ("bytes=0-1,5-6", 200, span(0, 999)),
            ("bytes=+1-2", 200, span(0, 999)),
            ("lines=0-1", 200, span(0, 999)),
            ("", 200, span(0, 999)),
        ] {
            let download = ask(range);
            assert_eq!((download.status, download.span), (status, expected), "{range}");
        }
        assert_eq!(header(&ask("bytes=0-99"), "content-range"), Some("bytes 0-99/1000"));
        assert_eq!(header(&ask("bytes=0-99"), "content-length"), Some("100"));
        assert_eq!(header(&ask("bytes=1000-"), "content-range"), Some("bytes */1000"));
        let stale = Wish { range: Some("bytes=0-1"), if_range: Some("\"other\""), ..Wish::default() };
        assert_eq!(Download::answer(file("image/png", "a"), stale).status, 200);
    }

    proptest! {
        #[test]
        fn headers_are_always_valid(name in any::<String>(), mime in any::<String>(), range in any::<String>(), size in any::<u64>()) {
            let file = File { mime: &mime, name: &name, hash: BlobHash::of(b"x"), size };
            for range in [range.clone(), format!("bytes={range}")] {
                let download = Download::answer(file, Wish { range: Some(&range), ..Wish::default() });
                for (_, value) in &download.headers {
                    prop_assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{}", value);
                }
                if let Some(span) = download.span {
                    prop_assert!(span.first <= span.last && span.last < size);
                }
            }
        }
    }
}
