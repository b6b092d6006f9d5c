//! Why a message went nowhere, in a form that a person understands: stored with the message and shown beside it.

use meta::errors::{Doing, Language, explain};
use meta::send::Invalid;
use rules::consent::Channel;
use rules::gate::Reason;
use rules::outcome::Cause;
use serde_json::{Value, json};
use store::messages::Message;

use super::fields;

/// A refusal or a wait of our own gate.
pub fn of_reason(reason: Reason) -> Value {
    json!({
        "code": reason.as_str(),
        "title": { "en": reason.english(), "id": reason.indonesian() },
    })
}

/// A refusal of our own gate, with what does not fit the template where that is why.
pub fn of_refusal(reason: Reason, misfit: Vec<Invalid>) -> Value {
    let mut problem = of_reason(reason);
    if reason == Reason::TemplateMisfit {
        let said = fields::errors(misfit).into_iter().map(|one| format!("{} {}", one.field, one.message));
        problem["details"] = said.collect::<Vec<_>>().join("; ").into();
    }
    problem
}

/// An error of Meta's.
pub fn of_code(code: i64, subcode: Option<i64>, details: Option<&str>) -> Value {
    let explained = explain(Doing::Send, code, subcode);
    json!({
        "code": format!("meta_{code}"),
        "meta_code": code,
        "fault": explained.fault,
        "title": { "en": explained.sentence(Language::English), "id": explained.sentence(Language::Indonesian) },
        "action": { "en": explained.action(Language::English), "id": explained.action(Language::Indonesian) },
        "details": details,
    })
}

/// What an attempt ended with.
pub fn of_cause(cause: &Cause) -> Value {
    match cause.code {
        Some(code) => of_code(code, cause.subcode, cause.details.as_deref()),
        None => json!({
            "code": "no_answer",
            "title": {
                "en": "Meta could not be reached, or its answer was lost on the way.",
                "id": "Meta tidak dapat dihubungi, atau jawabannya hilang di jalan.",
            },
            "details": cause.details,
        }),
    }
}

/// A message that may have been sent, and nothing more was heard of it.
pub fn unresolved() -> Value {
    json!({
        "code": "unresolved",
        "title": {
            "en": "It is not known whether this message arrived: Meta's answer was lost and no status came. It is not sent again by itself.",
            "id": "Tidak diketahui apakah pesan ini sampai: jawaban Meta hilang dan tidak ada status. Pesan tidak dikirim ulang dengan sendirinya.",
        },
        "action": {
            "en": "Ask the contact, or send it again yourself.",
            "id": "Tanyakan kepada pelanggan, atau kirim ulang sendiri.",
        },
    })
}

/// A message that we could not prepare, however often it was tried.
pub fn given_up() -> Value {
    json!({
        "code": "not_prepared",
        "title": {
            "en": "The message could not be prepared for sending. It was not sent.",
            "id": "Pesan tidak dapat disiapkan untuk dikirim. Pesan tidak terkirim.",
        },
        "action": {
            "en": "Ask the operator to look at the server's log, then send it again.",
            "id": "Minta operator memeriksa log server, lalu kirim lagi.",
        },
    })
}

/// The code of [`elsewhere`].
const ELSEWHERE: &str = "sent_elsewhere";

/// Whether a message is carried by another channel.
pub fn is_elsewhere(message: &Message) -> bool {
    message.problem.as_ref().is_some_and(|problem| problem.0["code"] == ELSEWHERE)
}

/// A message that another channel carries.
pub fn elsewhere(channel: Channel) -> Value {
    let (english, indonesian) = match channel {
        Channel::Email => ("e-mail", "e-mail"),
        Channel::Sms | Channel::Whatsapp => ("SMS", "SMS"),
    };
    json!({
        "code": ELSEWHERE,
        "title": {
            "en": format!("This message goes to the contact by {english} instead of WhatsApp."),
            "id": format!("Pesan ini dikirim ke pelanggan lewat {indonesian}, bukan WhatsApp."),
        },
    })
}

/// A stored message that cannot be turned into one of Meta's.
pub fn unsendable(why: &str) -> Value {
    json!({
        "code": "unsendable",
        "title": { "en": why, "id": why },
    })
}
