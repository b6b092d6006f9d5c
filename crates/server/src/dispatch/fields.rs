//! The names of fields in what the API tells: ours, where the check speaks of Meta's.

use meta::send::Invalid;

use crate::http::problem::FieldError;

/// Meta's paths within a message, and what they are called in `content`; the longer first.
const NAMES: &[(&str, &str)] = &[
    ("interactive.action.parameters.display_text", "label"),
    ("interactive.action.parameters", ""),
    ("interactive.action", ""),
    ("interactive.header.text", "header"),
    ("interactive.body.text", "body"),
    ("interactive.footer.text", "footer"),
    ("interactive", ""),
    ("template.language.code", "language"),
    ("template", ""),
    ("text", ""),
    ("image.id", "file.media_id"),
    ("image.link", "file.link"),
    ("image", ""),
    ("video.id", "file.media_id"),
    ("video.link", "file.link"),
    ("video", ""),
    ("audio.id", "file.media_id"),
    ("audio.link", "file.link"),
    ("audio", ""),
    ("document.id", "file.media_id"),
    ("document.link", "file.link"),
    ("document", ""),
    ("sticker.id", "file.media_id"),
    ("sticker.link", "file.link"),
    ("location", ""),
    ("reaction", ""),
];

/// The path of a field in the body of `POST …/messages`.
pub(super) fn ours(meta: &str) -> String {
    let path = NAMES.iter().find_map(|(theirs, name)| {
        let rest = meta.strip_prefix(theirs)?;
        let whole = rest.is_empty() || rest.starts_with(['.', '[']);
        whole.then(|| format!("{name}{rest}").trim_start_matches('.').replace(".reply.", "."))
    });
    let path = path.unwrap_or_else(|| meta.to_owned());
    if path.is_empty() { "content".to_owned() } else { format!("content.{path}") }
}

/// What is wrong with a content, field by field.
pub(super) fn errors(invalid: Vec<Invalid>) -> Vec<FieldError> {
    invalid.into_iter().map(|one| FieldError::new(ours(&one.field), one.problem)).collect()
}

#[cfg(test)]
mod tests {
    use super::ours;

    #[test]
    fn fields_are_called_as_in_our_request() {
        for (theirs, expected) in [
            ("text.body", "content.body"),
            ("image.link", "content.file.link"),
            ("image.caption", "content.caption"),
            ("document.filename", "content.filename"),
            ("sticker.id", "content.file.media_id"),
            ("location.latitude", "content.latitude"),
            ("contacts[0].name.formatted_name", "content.contacts[0].name.formatted_name"),
            ("contacts", "content.contacts"),
            ("reaction.emoji", "content.emoji"),
            ("interactive.body.text", "content.body"),
            ("interactive.header.text", "content.header"),
            ("interactive.action.buttons", "content.buttons"),
            ("interactive.action.buttons[1].reply.title", "content.buttons[1].title"),
            ("interactive.action.button", "content.button"),
            ("interactive.action.sections[0].rows[2].id", "content.sections[0].rows[2].id"),
            ("interactive.action.parameters.display_text", "content.label"),
            ("interactive.action.parameters.url", "content.url"),
            ("interactive", "content"),
            ("template.name", "content.name"),
            ("template.language.code", "content.language"),
            ("template.components[0].parameters[1].text", "content.components[0].parameters[1].text"),
            ("template.components", "content.components"),
        ] {
            assert_eq!(ours(theirs), expected, "{theirs}");
        }
    }
}
