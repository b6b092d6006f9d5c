//! Outbound contents: their kind and their human text.

use meta::send::{Button, Content, Interactive};
use rules::message::Kind;

/// The kind in the words of the inbox.
pub(super) fn kind_of(content: &Content) -> Kind {
    match content {
        Content::Text(_) => Kind::Text,
        Content::Image(_) => Kind::Image,
        Content::Video(_) => Kind::Video,
        Content::Audio(_) => Kind::Audio,
        Content::Document(_) => Kind::Document,
        Content::Sticker(_) => Kind::Sticker,
        Content::Location(_) => Kind::Location,
        Content::Contacts(_) => Kind::Contacts,
        Content::Reaction(_) => Kind::Reaction,
        Content::Interactive(_) => Kind::Interactive,
        Content::Template(_) => Kind::Template,
    }
}

/// What a reader sees of it, a search finds, and the AI reads.
pub fn text_of(content: &Content) -> String {
    match content {
        Content::Text(text) => text.body.clone(),
        Content::Image(file) | Content::Video(file) => file.caption.clone().unwrap_or_default(),
        Content::Document(file) => file.caption.clone().or_else(|| file.filename.clone()).unwrap_or_default(),
        Content::Audio(_) | Content::Sticker(_) => String::new(),
        Content::Location(place) => {
            [&place.name, &place.address].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        }
        Content::Contacts(cards) => {
            cards.iter().map(|card| card.name.formatted_name.clone()).collect::<Vec<_>>().join(", ")
        }
        Content::Reaction(reaction) => reaction.emoji.clone(),
        Content::Interactive(interactive) => text_of_interactive(interactive),
        Content::Template(template) => format!("{} ({})", template.name, template.language.code),
    }
}

fn text_of_interactive(interactive: &Interactive) -> String {
    match interactive {
        Interactive::Button(framed) => {
            let titles =
                framed.action.buttons.iter().map(|Button::Reply(reply)| format!("[{}]", reply.title));
            std::iter::once(framed.body.text.clone()).chain(titles).collect::<Vec<_>>().join("\n")
        }
        Interactive::List(framed) => framed.body.text.clone(),
        Interactive::CtaUrl(framed) => framed.body.text.clone(),
        Interactive::LocationRequestMessage(framed) => framed.body.text.clone(),
        Interactive::RequestContactInfo(framed) => framed.body.text.clone(),
    }
}

/// One line for the list of conversations.
pub fn preview_of(kind: Kind, body: &str) -> String {
    const LONGEST: usize = 120;
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { format!("[{kind}]") } else { line.chars().take(LONGEST).collect() }
}
