//! What is said on other channels: in the organisation's words or ours, in the language of the message.

use rules::consent::{Channel, Purpose};
use rules::fallback::{FallbackSettings, OwnText, ReachKind};
use rules::locale::Locale;

/// What fills the gaps of a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps {
    pub business: String,
    pub name: String,
    pub link: String,
    pub text: String,
    pub unsubscribe: String,
}

/// Subject and body of a message. What must not be missing is added where the organisation's words leave it out.
pub(super) fn write(
    settings: &FallbackSettings,
    channel: Channel,
    kind: ReachKind,
    locale: Locale,
    gaps: &Gaps,
) -> (String, String) {
    let own =
        settings.texts.iter().find(|own| (own.channel, own.kind, own.locale) == (channel, kind, locale));
    let ours = ours(channel, kind, locale);
    let (subject, body) = own.map_or((ours.0, ours.1), |own| (own.subject.as_str(), own.body.as_str()));
    let mut body = body.to_owned();
    for gap in needed(channel, kind) {
        if !body.contains(gap) {
            body.push_str("\n\n");
            body.push_str(gap);
        }
    }
    // A subject has one line, whatever the business is called.
    let subject = gaps.fill(subject).split_whitespace().collect::<Vec<_>>().join(" ");
    (subject, gaps.fill(&body).trim().to_owned())
}

/// The gaps that a text of this kind has to have.
pub(super) fn needed(channel: Channel, kind: ReachKind) -> Vec<&'static str> {
    let mut needed = vec![match kind {
        ReachKind::Link => "{link}",
        ReachKind::Content => "{text}",
    }];
    if channel == Channel::Email {
        needed.push("{unsubscribe}");
    }
    needed
}

impl Gaps {
    /// Fills gaps in one go, so that nothing that fills a gap is looked through for others.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(begin) = rest.find('{') {
            filled.push_str(&rest[..begin]);
            rest = &rest[begin..];
            let value = rest.find('}').and_then(|end| Some((self.value(&rest[1..end])?, end)));
            match value {
                Some((value, end)) => {
                    filled.push_str(value);
                    rest = &rest[end + 1..];
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled + rest
    }

    fn value(&self, gap: &str) -> Option<&str> {
        Some(match gap {
            "business" => &self.business,
            "name" => &self.name,
            "link" => &self.link,
            "text" => &self.text,
            "unsubscribe" => &self.unsubscribe,
            _ => return None,
        })
    }
}

/// Our own words, for whoever has none: subject and body.
pub(super) fn ours(channel: Channel, kind: ReachKind, locale: Locale) -> (&'static str, &'static str) {
    match (channel, kind, locale) {
        (Channel::Email, ReachKind::Link, Locale::En) => (
            "{business} has a message for you",
            "Hello,\n\n{business} has a message for you and would like to send it to you on WhatsApp. Nothing is sent \
             until you say yes.\n\nSee and decide here:\n{link}\n\nNo more e-mails like this:\n{unsubscribe}",
        ),
        (Channel::Email, ReachKind::Link, Locale::Id) => (
            "Ada pesan dari {business} untuk Anda",
            "Halo,\n\n{business} punya pesan untuk Anda dan ingin mengirimkannya lewat WhatsApp. Tidak ada yang dikirim \
             sebelum Anda setuju.\n\nLihat dan putuskan di sini:\n{link}\n\nTidak ingin email seperti ini lagi:\n{unsubscribe}",
        ),
        (Channel::Email, ReachKind::Content, Locale::En) => (
            "A message from {business}",
            "{text}\n\n--\n{business}\n\nNo more e-mails like this:\n{unsubscribe}",
        ),
        (Channel::Email, ReachKind::Content, Locale::Id) => (
            "Pesan dari {business}",
            "{text}\n\n--\n{business}\n\nTidak ingin email seperti ini lagi:\n{unsubscribe}",
        ),
        (_, ReachKind::Link, Locale::En) => {
            ("", "{business} has a message for you. Get it on WhatsApp: {link} No more SMS: reply STOP")
        }
        (_, ReachKind::Link, Locale::Id) => {
            ("", "{business} punya pesan untuk Anda. Terima lewat WhatsApp: {link} Berhenti SMS: balas STOP")
        }
        (_, ReachKind::Content, Locale::En) => ("", "{business}: {text}\nNo more SMS: reply STOP"),
        (_, ReachKind::Content, Locale::Id) => ("", "{business}: {text}\nBerhenti SMS: balas STOP"),
    }
}

/// What a contact agrees to at a link; kept as evidence word for word.
pub(super) fn wording(purpose: Purpose, locale: Locale, business: &str) -> String {
    match (purpose, locale) {
        (Purpose::Utility, Locale::En) => format!(
            "I agree that {business} sends me messages on WhatsApp about what I ordered, booked or asked for. I can stop \
             this at any time by replying STOP."
        ),
        (Purpose::Utility, Locale::Id) => format!(
            "Saya setuju {business} mengirimi saya pesan WhatsApp tentang hal yang saya pesan atau tanyakan. Saya dapat \
             berhenti kapan saja dengan membalas STOP."
        ),
        (Purpose::Marketing, Locale::En) => format!(
            "I agree that {business} sends me offers and news on WhatsApp. I can stop this at any time by replying STOP."
        ),
        (Purpose::Marketing, Locale::Id) => format!(
            "Saya setuju {business} mengirimi saya promo dan kabar lewat WhatsApp. Saya dapat berhenti kapan saja dengan \
             membalas STOP."
        ),
        (Purpose::Authentication, Locale::En) => format!(
            "I agree that {business} sends me sign-in codes on WhatsApp. I can stop this at any time by replying STOP."
        ),
        (Purpose::Authentication, Locale::Id) => format!(
            "Saya setuju {business} mengirimi saya kode masuk lewat WhatsApp. Saya dapat berhenti kapan saja dengan \
             membalas STOP."
        ),
    }
}

/// The language that a template is in, as far as we speak it.
pub(super) fn language(template: &str) -> Locale {
    if template == "id" || template.starts_with("id_") { Locale::Id } else { Locale::En }
}

/// Whether an organisation's own text has what it must. The error says what is missing.
pub(super) fn check(own: &OwnText) -> Result<(), String> {
    if own.channel == Channel::Whatsapp {
        return Err("is for e-mail or SMS; WhatsApp has templates".to_owned());
    }
    match needed(own.channel, own.kind).into_iter().find(|gap| !own.body.contains(gap)) {
        Some(gap) => Err(format!("must contain {gap}")),
        None if own.channel == Channel::Email && own.subject.trim().is_empty() => {
            Err("needs a subject".to_owned())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNELS: [Channel; 2] = [Channel::Email, Channel::Sms];

    #[test]
    fn our_own_words_have_what_they_must_in_every_language() {
        for channel in CHANNELS {
            for kind in ReachKind::ALL {
                for locale in Locale::ALL {
                    let (subject, body) = ours(channel, *kind, *locale);
                    let own = OwnText {
                        channel,
                        kind: *kind,
                        locale: *locale,
                        subject: subject.into(),
                        body: body.into(),
                    };
                    assert_eq!(check(&own), Ok(()), "{channel} {kind} {locale}");
                }
                assert_ne!(ours(channel, *kind, Locale::En).1, ours(channel, *kind, Locale::Id).1);
            }
        }
    }

    #[test]
    fn what_fills_a_gap_is_not_looked_through() {
        let gaps = Gaps { business: "Kopi {link}".into(), link: "https://x".into(), ..Gaps::default() };
        assert_eq!(gaps.fill("{business} {link} {other} {"), "Kopi {link} https://x {other} {");
    }

    #[test]
    fn what_an_organisation_leaves_out_is_added() {
        let own = OwnText {
            channel: Channel::Email,
            kind: ReachKind::Link,
            locale: Locale::Id,
            subject: "Halo\r\nBcc: all@example.com".into(),
            body: "Klik {link}".into(),
        };
        let settings = FallbackSettings { texts: vec![own.clone()], ..FallbackSettings::default() };
        let gaps = Gaps { link: "L".into(), unsubscribe: "U".into(), ..Gaps::default() };
        let written = write(&settings, Channel::Email, ReachKind::Link, Locale::Id, &gaps);
        assert_eq!(written, ("Halo Bcc: all@example.com".to_owned(), "Klik L\n\nU".to_owned()));
        assert!(check(&own).unwrap_err().contains("{unsubscribe}"));
    }

    #[test]
    fn a_template_speaks_a_language_of_ours() {
        assert_eq!((language("id"), language("en_GB")), (Locale::Id, Locale::En));
    }
}
