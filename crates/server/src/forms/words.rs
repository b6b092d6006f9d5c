//! What public pages and messages of this room say by themselves, in every language. What an organisation wrote stands in
//! its forms.

use rules::locale::Locale;
use serde::Serialize;

use super::collect::Wrong;

/// The fixed words of a form's page.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct PublicWords {
    pub name: &'static str,
    pub phone: &'static str,
    pub phone_hint: &'static str,
    pub email: &'static str,
    pub optional: &'static str,
    pub privacy: &'static str,
    pub trap: &'static str,
    pub mend: &'static str,
    pub almost: &'static str,
    pub confirm: &'static str,
    pub open: &'static str,
    pub scan: &'static str,
    pub until: &'static str,
    pub thanks: &'static str,
    pub closed: &'static str,
    pub closed_about: &'static str,
    pub again: &'static str,
    pub failed: &'static str,
}

/// The words in a language.
pub(crate) const fn public(locale: Locale) -> PublicWords {
    match locale {
        Locale::En => PublicWords {
            name: "Name",
            phone: "WhatsApp number",
            phone_hint: "For example 0812 3456 7890",
            email: "E-mail address",
            optional: "(optional)",
            privacy: "Privacy policy",
            trap: "Leave this empty",
            mend: "Please look at this again:",
            almost: "One more step",
            confirm: "Confirm on WhatsApp: open the chat, where a message is waiting, and send it as it is. That shows us that \
                      the number is yours.",
            open: "Open WhatsApp",
            scan: "On a computer? Scan this with your phone.",
            until: "The message works for two days.",
            thanks: "Thank you",
            closed: "This form is closed",
            closed_about: "Nothing is collected here any more. Ask whoever gave you the link for a new one.",
            again: "Too many forms came from your network just now. Wait a little and send it again.",
            failed: "That did not work. Try again.",
        },
        Locale::Id => PublicWords {
            name: "Nama",
            phone: "Nomor WhatsApp",
            phone_hint: "Misalnya 0812 3456 7890",
            email: "Alamat e-mail",
            optional: "(boleh kosong)",
            privacy: "Kebijakan privasi",
            trap: "Biarkan kosong",
            mend: "Mohon periksa lagi:",
            almost: "Satu langkah lagi",
            confirm: "Konfirmasikan lewat WhatsApp: buka percakapan, di sana sudah ada pesan, lalu kirim apa adanya. Dengan \
                      begitu kami tahu nomor itu milik Anda.",
            open: "Buka WhatsApp",
            scan: "Memakai komputer? Pindai ini dengan ponsel Anda.",
            until: "Pesan itu berlaku dua hari.",
            thanks: "Terima kasih",
            closed: "Formulir ini sudah ditutup",
            closed_about: "Tidak ada lagi yang dikumpulkan di sini. Mintalah tautan baru kepada yang memberi Anda tautan ini.",
            again: "Terlalu banyak formulir dari jaringan Anda barusan. Tunggu sebentar lalu kirim lagi.",
            failed: "Itu tidak berhasil. Coba lagi.",
        },
    }
}

impl Wrong {
    /// The sentence that stands beside the field.
    pub(crate) const fn sentence(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Phone, Locale::En) => "Write your WhatsApp number, for example 0812 3456 7890.",
            (Self::Phone, Locale::Id) => "Tulis nomor WhatsApp Anda, misalnya 0812 3456 7890.",
            (Self::Purposes, Locale::En) => "Tick what you agree to.",
            (Self::Purposes, Locale::Id) => "Centang yang Anda setujui.",
            (Self::Name, Locale::En) => "Write your name; 100 characters at most.",
            (Self::Name, Locale::Id) => "Tulis nama Anda; paling banyak 100 karakter.",
            (Self::Email, Locale::En) => "Write your e-mail address, for example sari@example.com.",
            (Self::Email, Locale::Id) => "Tulis alamat e-mail Anda, misalnya sari@example.com.",
        }
    }
}

/// The message with which a person confirms.
pub(super) fn confirmation(locale: Locale, business: &str, code: &str) -> String {
    match locale {
        Locale::En => format!("Yes, I agree to receive messages from {business}. (#{code})"),
        Locale::Id => format!("Ya, saya setuju menerima pesan dari {business}. (#{code})"),
    }
}

/// Said to somebody who agreed, and had stopped everything before.
pub(super) const fn still_stopped(locale: Locale) -> &'static str {
    match locale {
        Locale::En => {
            "Thank you. You had stopped our messages before: write START, and you receive what you have agreed to."
        }
        Locale::Id => {
            "Terima kasih. Sebelumnya Anda menghentikan pesan kami: tulis MULAI, dan Anda menerima yang Anda setujui."
        }
    }
}
