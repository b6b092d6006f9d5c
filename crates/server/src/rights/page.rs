//! What is held about a person as a page to read: one file without scripts that needs nothing from elsewhere.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, context};
use rules::day::Day;
use rules::gate::Reason;
use rules::locale::Locale;
use serde_json::Value;

use crate::notifications;

const HEAD: &str = include_str!("head.html");
const CONVERSATION: &str = include_str!("conversation.html");
const MESSAGE: &str = include_str!("message.html");
const LIST: &str = "<section>\n<h2>{{ words.lists[list] }}</h2>\n<ul>\n";
const ITEM: &str = include_str!("item.html");
/// Closes a list.
pub(super) const LIST_ENDS: &str = "</ul>\n</section>\n";
/// Closes a conversation.
pub(super) const CONVERSATION_ENDS: &str = "</section>\n";
/// Closes the page.
pub(super) const END: &str = "</main></body></html>\n";

/// The words of the page.
fn words(language: Locale) -> Value {
    match language {
        Locale::En => serde_json::json!({
            "lang": "en", "title": "What we hold about you", "made": "Put together", "you": "You",
            "we": "We", "contact": "Contact", "names": "Names on WhatsApp", "consent": "What you agreed to",
            "conversation": "Conversation", "notes": "Notes of our team", "file": "File",
            "intro": "This is everything that is held about you. The same, for programs, is in data.json.",
            "fields": {
                "name": "Name", "profile_name": "Name on WhatsApp", "username": "Username", "phone": "Phone",
                "email": "E-mail", "language": "Language", "timezone": "Time zone", "labels": "Labels",
                "created_at": "Since"
            },
            "lists": {
                "records": "Records of our business with you", "forms": "Forms that you sent",
                "links": "Links that you came by", "notifications": "Notices meant for you",
                "outreach": "Messages that we meant to send", "other_channels": "E-mails and texts to you",
                "signals": "What WhatsApp told us", "references": "What other systems call you",
                "imports": "Lists in which you were brought in"
            },
            "states": { "pending": "not confirmed", "confirmed": "confirmed", "expired": "expired" },
            "outcomes": {
                "queued": "about to be sent", "waiting": "waiting", "awaiting_opt_in": "waiting for your consent",
                "sent": "sent", "delivered": "delivered", "read": "read", "failed": "not delivered",
                "refused": "not sent", "unresolved": "unknown", "fallback_sent": "sent by e-mail or text",
                "fallback_delivered": "delivered by e-mail or text", "fallback_failed": "not delivered",
                "expired": "given up"
            },
            "verdicts": { "send": "to be sent", "wait": "to wait", "fall_back": "by e-mail or text", "refuse": "not to be sent" },
            "signs": {
                "not_on_whatsapp": "Messages to you did not arrive", "marketing_capped": "You get no more promotions for now",
                "marketing_experiment": "WhatsApp sends you no promotions for now"
            },
            "attempts": "attempts",
            "opt_in": "yes", "opt_out": "no", "all": "everything", "utility": "messages about your matters",
            "marketing": "offers and news", "authentication": "one-time codes"
        }),
        Locale::Id => serde_json::json!({
            "lang": "id", "title": "Data Anda yang kami simpan", "made": "Disusun", "you": "Anda", "we": "Kami",
            "contact": "Kontak", "names": "Nama di WhatsApp", "consent": "Yang Anda setujui",
            "conversation": "Percakapan", "notes": "Catatan tim kami", "file": "Berkas",
            "intro": "Ini semua data Anda yang kami simpan. Isi yang sama untuk program ada di data.json.",
            "fields": {
                "name": "Nama", "profile_name": "Nama di WhatsApp", "username": "Nama pengguna",
                "phone": "Telepon", "email": "Email", "language": "Bahasa", "timezone": "Zona waktu",
                "labels": "Label", "created_at": "Sejak"
            },
            "lists": {
                "records": "Data urusan kami dengan Anda", "forms": "Formulir yang Anda kirim",
                "links": "Tautan yang Anda pakai", "notifications": "Pemberitahuan untuk Anda",
                "outreach": "Pesan yang hendak kami kirim", "other_channels": "Email dan SMS kepada Anda",
                "signals": "Yang diberitahukan WhatsApp", "references": "Sebutan Anda di sistem lain",
                "imports": "Daftar yang memuat Anda"
            },
            "states": { "pending": "belum dikonfirmasi", "confirmed": "dikonfirmasi", "expired": "kedaluwarsa" },
            "outcomes": {
                "queued": "akan dikirim", "waiting": "menunggu", "awaiting_opt_in": "menunggu persetujuan Anda",
                "sent": "terkirim", "delivered": "tersampaikan", "read": "dibaca", "failed": "tidak sampai",
                "refused": "tidak dikirim", "unresolved": "tidak diketahui", "fallback_sent": "dikirim lewat email atau SMS",
                "fallback_delivered": "tersampaikan lewat email atau SMS", "fallback_failed": "tidak sampai",
                "expired": "dibatalkan"
            },
            "verdicts": { "send": "dikirim", "wait": "menunggu", "fall_back": "lewat email atau SMS", "refuse": "tidak dikirim" },
            "signs": {
                "not_on_whatsapp": "Pesan kepada Anda tidak sampai",
                "marketing_capped": "Untuk sementara Anda tidak menerima promosi lagi",
                "marketing_experiment": "WhatsApp untuk sementara tidak mengirimi Anda promosi"
            },
            "attempts": "kali dicoba",
            "opt_in": "ya", "opt_out": "tidak", "all": "semuanya", "utility": "pesan tentang urusan Anda",
            "marketing": "promosi dan kabar", "authentication": "kode sekali pakai"
        }),
    }
}

/// Who reads the page.
#[derive(Clone)]
pub(super) struct Reader {
    /// In which language.
    pub language: Locale,
    /// By which clock.
    pub zone: TimeZone,
}

impl Reader {
    /// A moment, in the language and by the clock of the reader; what is none stays as it is.
    fn when(&self, text: &str) -> String {
        let Ok(moment) = text.parse::<Timestamp>() else { return text.to_owned() };
        let there = moment.to_zoned(self.zone.clone());
        let day = notifications::day(Day::from(there.date()), self.language.as_str());
        match self.language {
            Locale::En => format!("{day}, {}", there.strftime("%H:%M %Z")),
            Locale::Id => format!("{day}, {}", there.strftime("%H.%M %Z")),
        }
    }

    /// Why something was not sent, or not at once; what is no reason of the gate's stays as it is.
    fn why(&self, code: &str) -> String {
        match (code.parse::<Reason>(), self.language) {
            (Ok(reason), Locale::En) => reason.english().to_owned(),
            (Ok(reason), Locale::Id) => reason.indonesian().to_owned(),
            (Err(_), _) => code.to_owned(),
        }
    }
}

fn render(template: &str, reader: &Reader, about: &Value, extra: Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    let (clock, reasons) = (reader.clone(), reader.clone());
    environment.add_filter("when", move |text: String| clock.when(&text));
    environment.add_filter("why", move |code: String| reasons.why(&code));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let values = context! {
        words => Serde(words(reader.language)),
        about => Serde(about),
        extra => Serde(&extra),
        list => Serde(&extra),
    };
    environment.render_named_str("page.html", template, values)
}

/// Who it is, and what they agreed to.
pub(super) fn head(about: &Value, reader: &Reader) -> Result<String, minijinja::Error> {
    render(HEAD, reader, about, Value::Null)
}

/// A conversation, before its messages.
pub(super) fn conversation(facts: &Value, reader: &Reader) -> Result<String, minijinja::Error> {
    render(CONVERSATION, reader, facts, Value::Null)
}

/// A list, before what it holds.
pub(super) fn list_begins(list: &str, reader: &Reader) -> Result<String, minijinja::Error> {
    render(LIST, reader, &Value::Null, list.into())
}

/// Something in a list.
pub(super) fn item(list: &str, told: &Value, reader: &Reader) -> Result<String, minijinja::Error> {
    render(ITEM, reader, told, list.into())
}

/// A message.
pub(super) fn message(told: &Value, from_them: bool, reader: &Reader) -> Result<String, minijinja::Error> {
    render(MESSAGE, reader, told, Value::Bool(from_them))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_wrote_is_shown_and_never_run() {
        for language in Locale::ALL {
            let told = json!({ "text": "<script>alert(1)</script>", "at": "2026", "kind": "text", "files": ["files/a.jpg"], "attempts": [] });
            let reader = Reader { language: *language, zone: TimeZone::UTC };
            let shown = message(&told, true, &reader).unwrap();
            assert!(!shown.contains("<script>") && shown.contains("&lt;script&gt;"), "{shown}");
            assert!(shown.contains("a.jpg"));
        }
    }

    #[test]
    fn times_and_reasons_are_said_as_people_say_them() {
        let reader = |language| Reader { language, zone: TimeZone::get("Asia/Jakarta").unwrap() };
        let told = json!({ "at": "2026-12-21T03:05:00Z", "template": "promo", "purpose": "marketing", "outcome": "refused",
            "reason": "opted_out" });
        let shown = item("outreach", &told, &reader(Locale::Id)).unwrap();
        assert!(shown.contains("21 Desember 2026, 10.05 WIB") && shown.contains("MULAI"), "{shown}");
        let shown = item("outreach", &told, &reader(Locale::En)).unwrap();
        assert!(shown.contains("21 December 2026, 10:05 WIB") && !shown.contains("opted_out"), "{shown}");
    }
}
