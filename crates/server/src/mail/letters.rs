//! What is written, in the reader's language. A template's first line is the subject.

use std::sync::LazyLock;

use minijinja::Environment;
use rules::locale::Locale;
use serde::Serialize;

use super::Mail;

/// Something to write to somebody.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub enum Letter {
    /// A link to choose a new password.
    PasswordReset {
        /// Whom.
        name: String,
        /// Works once, for an hour.
        link: String,
    },
    /// The password has just been changed.
    PasswordChanged {
        /// Whom.
        name: String,
        /// Where a new one can be asked for, if it was somebody else.
        link: String,
    },
    /// A way to sign in was added: a passkey, an account elsewhere.
    WayInAdded {
        /// Whom.
        name: String,
        /// What was added, as its person calls it.
        way: String,
        /// Where a new password can be asked for, if it was somebody else.
        link: String,
    },
    /// A way to sign in was removed.
    WayInRemoved {
        /// Whom.
        name: String,
        /// What was removed, as its person called it.
        way: String,
        /// Where a new password can be asked for, if it was somebody else.
        link: String,
    },
    /// An invitation to become a member.
    MemberInvite {
        /// The organisation.
        org: String,
        /// What they will be.
        role: String,
        /// Works once, for a week.
        link: String,
    },
    /// Something happened to a template that somebody should see to.
    TemplateNews {
        /// The organisation.
        org: String,
        /// The template, with its language.
        template: String,
        /// What happened.
        kind: String,
        /// What is now, in Meta's word.
        after: String,
        /// What it means and what to do.
        said: String,
        /// Where it is.
        link: String,
    },
}

macro_rules! templates {
    ($($name:literal),+) => {
        [$(($name, include_str!(concat!("templates/", $name, ".txt")))),+]
    };
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    for (name, source) in templates!(
        "password_reset.en",
        "password_reset.id",
        "password_changed.en",
        "password_changed.id",
        "way_in_added.en",
        "way_in_added.id",
        "way_in_removed.en",
        "way_in_removed.id",
        "member_invite.en",
        "member_invite.id",
        "template_news.en",
        "template_news.id"
    ) {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(name, %error, "a mail template does not read");
        }
    }
    environment
});

impl Letter {
    /// Writes it in a language.
    pub fn write(&self, to: &str, locale: Locale) -> Result<Mail, minijinja::Error> {
        let name = match self {
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::WayInAdded { .. } => "way_in_added",
            Self::WayInRemoved { .. } => "way_in_removed",
            Self::MemberInvite { .. } => "member_invite",
            Self::TemplateNews { .. } => "template_news",
        };
        let written =
            TEMPLATES.get_template(&format!("{name}.{locale}"))?.render(minijinja::value::Serde(self))?;
        let (subject, text) = written.split_once('\n').unwrap_or((&written, ""));
        Ok(Mail {
            to: to.to_owned(),
            subject: subject.trim().to_owned(),
            text: text.trim_start().to_owned(),
            ..Mail::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_written_in_every_language() {
        let (name, link) = ("Rina".to_owned(), "https://sapa.example/x#t".to_owned());
        let letters = [
            Letter::PasswordReset { name: name.clone(), link: link.clone() },
            Letter::PasswordChanged { name: name.clone(), link: link.clone() },
            Letter::WayInAdded { name: name.clone(), way: "Laptop".to_owned(), link: link.clone() },
            Letter::WayInRemoved { name, way: "Laptop".to_owned(), link: link.clone() },
            Letter::MemberInvite {
                org: "Kopi Senja".to_owned(),
                role: "agent".to_owned(),
                link: link.clone(),
            },
            Letter::TemplateNews {
                org: "Kopi Senja".to_owned(),
                template: "promo (id)".to_owned(),
                kind: "status".to_owned(),
                after: "REJECTED".to_owned(),
                said: "…".to_owned(),
                link: link.clone(),
            },
        ];
        let filed = Letter::TemplateNews {
            org: "Kopi Senja".to_owned(),
            template: "promo (Indonesian)".to_owned(),
            kind: "category".to_owned(),
            after: "MARKETING".to_owned(),
            said: String::new(),
            link: link.clone(),
        };
        let filed = filed.write("rina@example.com", Locale::Id).unwrap().text;
        assert!(filed.contains("ke kategori promosi."), "{filed}");
        for letter in &letters {
            let [english, indonesian] =
                [Locale::En, Locale::Id].map(|locale| letter.write("rina@example.com", locale).unwrap());
            assert_ne!(english.subject, indonesian.subject);
            for mail in [english, indonesian] {
                assert!(!mail.subject.is_empty() && !mail.subject.contains('\n'));
                assert!(mail.text.contains(&link), "{}", mail.text);
                assert!(!mail.text.contains("{{"));
            }
        }
    }
}
