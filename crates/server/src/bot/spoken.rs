//! What of a contact's messages is speech: their own words, the language of them, and what to say where there are none.

use answers::Language;
use rules::id::ConversationId;
use rules::keywords;
use rules::locale::Locale;
use rules::message::{Direction, Kind};
use store::OrgScope;
use store::messages::Utterance;

/// How far back the language of a conversation is looked for.
const SIGHT: i64 = 20;

/// The language that a contact writes to us; the organisation's where they have written nothing that tells.
pub async fn language(scope: &mut OrgScope<'_>, conversation: ConversationId) -> store::Result<Locale> {
    let org = scope.org().await?;
    let home = org.map_or(Locale::En, |org| Locale::read(&org.locale));
    let key = [(scope.id(), conversation)];
    let mut batch = scope.tx().batch(&[key[0].0]).await?;
    let thread = batch.newest_messages(&key, SIGHT).await?;
    let theirs = thread.iter().flatten().filter(|message| message.direction == Direction::Inbound);
    let said =
        theirs.filter(|message| !is_keyword(message)).filter_map(words).find(|words| has_letters(words));
    let prior = Language::from_code(home.as_str());
    Ok(said.map_or(home, |words| Locale::read(answers::language::detect(words, prior).code())))
}

/// A contact's own words in a message. The name of a place or of somebody on a card is none of them.
pub(super) fn words(message: &Utterance) -> Option<&str> {
    let said = message.body.trim();
    (!said.is_empty() && !matches!(message.kind, Kind::Location | Kind::Contacts)).then_some(said)
}

/// Whether words tell a language at all.
pub(super) fn has_letters(words: &str) -> bool {
    words.chars().any(char::is_alphabetic)
}

/// Whether a message is STOP or START, which are answered where they come in.
pub(super) fn is_keyword(message: &Utterance) -> bool {
    message.direction == Direction::Inbound
        && matches!(message.kind, Kind::Text | Kind::Button | Kind::Interactive)
        && keywords::recognise(&message.body).is_some()
}

/// Whether a message says something that can be answered.
pub(super) fn speaks(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Reaction
            | Kind::System
            | Kind::Edit
            | Kind::Revoke
            | Kind::Unsupported
            | Kind::Unknown
            | Kind::Sticker
    )
}

/// Whether a message shows or carries something that nobody here can look at: words beside it are not all it says.
pub(super) fn is_more_than_words(kind: Kind) -> bool {
    matches!(kind, Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Location | Kind::Contacts)
}

/// An honest word about something that holds no words, or whose words are not understood without it.
pub(super) fn cannot_read(kind: Option<Kind>, language: Language) -> String {
    let (cannot, please) = match language {
        Language::Indonesian => {
            ("Maaf, saya belum bisa", "Silakan tulis pertanyaannya, atau saya sambungkan ke tim kami.")
        }
        Language::English => {
            ("Sorry, I cannot", "Please write your question, or I can connect you with our team.")
        }
    };
    match what_of(kind, language) {
        Some(what) => format!("{cannot} {what}. {please}"),
        None if language == Language::Indonesian => {
            format!("Maaf, saya hanya bisa membaca tulisan. {please}")
        }
        None => format!("Sorry, I can only read text. {please}"),
    }
}

/// Said before an answer to the words beside something that was not looked at.
pub(super) fn by_words_alone(kind: Kind, language: Language) -> Option<String> {
    let what = what_of(Some(kind), language)?;
    Some(match language {
        Language::Indonesian => format!("Saya belum bisa {what}, jadi saya jawab dari tulisannya saja."),
        Language::English => format!("I cannot {what}, so this answers your words alone."),
    })
}

/// What cannot be done with a kind.
fn what_of(kind: Option<Kind>, language: Language) -> Option<&'static str> {
    Some(match (kind?, language) {
        (Kind::Audio, Language::Indonesian) => "mendengarkan pesan suara",
        (Kind::Audio, Language::English) => "listen to voice messages yet",
        (Kind::Image, Language::Indonesian) => "melihat foto",
        (Kind::Image, Language::English) => "look at pictures yet",
        (Kind::Video, Language::Indonesian) => "menonton video",
        (Kind::Video, Language::English) => "watch videos yet",
        (Kind::Document, Language::Indonesian) => "membuka berkas",
        (Kind::Document, Language::English) => "open files yet",
        (Kind::Location, Language::Indonesian) => "membaca lokasi",
        (Kind::Location, Language::English) => "read locations yet",
        (Kind::Contacts, Language::Indonesian) => "membaca kartu kontak",
        (Kind::Contacts, Language::English) => "read contact cards yet",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_looked_at_is_named_in_both_languages() {
        for kind in [Kind::Image, Kind::Video, Kind::Audio, Kind::Document, Kind::Location, Kind::Contacts] {
            assert!(is_more_than_words(kind));
            for language in Language::ALL.iter().copied() {
                let said = cannot_read(Some(kind), language);
                assert!(said.contains("belum bisa") || said.contains("cannot"), "{said}");
                assert!(by_words_alone(kind, language).is_some(), "{kind}");
            }
        }
        assert!(cannot_read(Some(Kind::Order), Language::English).contains("only read text"));
    }
}
