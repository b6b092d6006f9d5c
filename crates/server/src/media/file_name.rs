//! File names that are safe to store, to show and to save under.

/// Longest name kept, in characters, its extension included.
const LONGEST: usize = 120;

/// A safe name for a file of type `mime`: no folders, no characters that hide or reorder text or that a file system
/// refuses, not a device name, never empty. If the name's extension does not fit the type, the fitting one is added,
/// so that a program cannot pose as a picture once it is saved.
pub fn sanitise(name: &str, mime: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut clean = String::with_capacity(base.len());
    for c in base.chars().filter(|c| !is_invisible(*c)) {
        let c = if c.is_whitespace() || c.is_control() { ' ' } else { c };
        let c = if r#"<>:"|?*%"#.contains(c) { '_' } else { c };
        if !(c == ' ' && clean.ends_with(' ')) {
            clean.push(c);
        }
    }
    // Leading dots hide a file, trailing dots and blanks vanish on some systems.
    let clean = clean.trim_matches(|c: char| c == '.' || c == ' ');
    let (stem, extension) = split(clean);
    let fitting = extensions(mime);
    let extension = match extension {
        Some(given) if fitting.is_empty() || fitting.contains(&given.to_ascii_lowercase().as_str()) => {
            given.to_string()
        }
        Some(given) => format!("{given}.{}", fitting[0]),
        None => fitting.first().map(|e| e.to_string()).unwrap_or_default(),
    };
    let room = LONGEST.saturating_sub(extension.chars().count() + 1);
    let mut stem: String = stem.chars().take(room).collect();
    if stem.is_empty() {
        stem.push_str("file");
    }
    if is_device(&stem) {
        stem.insert(0, '_');
    }
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

/// The stem and a plausible extension.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if (1..=10).contains(&extension.len())
                && extension.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            (stem, Some(extension))
        }
        _ => (name, None),
    }
}

/// The extensions that fit a type, the usual one first; none if any will do.
fn extensions(mime: &str) -> &'static [&'static str] {
    match mime {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        "image/gif" => &["gif"],
        "audio/aac" => &["aac"],
        "audio/amr" => &["amr"],
        "audio/mpeg" => &["mp3"],
        "audio/mp4" => &["m4a", "mp4"],
        "audio/ogg" => &["ogg", "oga", "opus"],
        "video/mp4" => &["mp4", "m4v"],
        "video/3gpp" => &["3gp"],
        "application/pdf" => &["pdf"],
        "text/plain" => &["txt", "csv", "md", "log"],
        "application/msword" => &["doc"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => &["docx"],
        "application/vnd.ms-excel" => &["xls"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => &["xlsx"],
        "application/vnd.ms-powerpoint" => &["ppt"],
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => &["pptx"],
        _ => &[],
    }
}

/// Direction overrides ("gpj.exe" shown as "exe.jpg"), zero-width and tag characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Names that Windows gives to devices, with any extension.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        first.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay() {
        assert_eq!(sanitise("Daftar harga (2026).pdf", "application/pdf"), "Daftar harga (2026).pdf");
        assert_eq!(sanitise("كتالوج.PDF", "application/pdf"), "كتالوج.PDF");
        assert_eq!(sanitise("photo.jpeg", "image/jpeg"), "photo.jpeg");
        assert_eq!(sanitise("design.psd", "image/vnd.adobe.photoshop"), "design.psd");
    }

    #[test]
    fn hostile_names_are_tamed() {
        assert_eq!(sanitise("../../etc/passwd", "text/plain"), "passwd.txt");
        assert_eq!(sanitise("C:\\temp\\a.png", "image/png"), "a.png");
        assert_eq!(sanitise("photo\u{202e}gpj.exe", "image/jpeg"), "photogpj.exe.jpg");
        assert_eq!(sanitise("a\r\nSet-Cookie: x.png", "image/png"), "a Set-Cookie_ x.png");
        assert_eq!(sanitise("invoice.pdf.exe", "application/pdf"), "invoice.pdf.exe.pdf");
        assert_eq!(sanitise("con.txt", "text/plain"), "_con.txt");
        assert_eq!(sanitise("COM1.a.txt", "text/plain"), "_COM1.a.txt");
        assert_eq!(sanitise("", "audio/ogg"), "file.ogg");
        assert_eq!(sanitise("...", "application/zip"), "file");
        assert_eq!(sanitise(".htaccess", "text/plain"), "htaccess.txt");
        assert_eq!(sanitise(&format!("{}.pdf", "x".repeat(500)), "application/pdf").chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_name_becomes_safe(name in any::<String>(), mime in prop::sample::select(vec!["image/png", "text/plain", "x/y"])) {
            let safe = sanitise(&name, mime);
            prop_assert!(!safe.is_empty() && safe.chars().count() <= LONGEST);
            prop_assert!(!safe.contains(['/', '\\', '"', '\r', '\n', '\0', ':']));
            prop_assert!(!safe.starts_with('.') && !safe.ends_with(['.', ' ']));
            prop_assert!(!safe.chars().any(|c| c.is_control() || is_invisible(c)));
            prop_assert_eq!(sanitise(&safe, mime), safe.clone());
        }
    }
}
