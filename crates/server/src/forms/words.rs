//! What public pages and messages of this room say by themselves, in every language. What an organisation wrote stands in
//! its forms.

use rules::consent::Channel;
use rules::form::DoubleOptIn;
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
    pub mailed: &'static str,
    pub texted: &'static str,
    pub plain_phone: &'static str,
    pub sure: &'static str,
    pub sure_about: &'static str,
    pub yes: &'static str,
    pub not_you: &'static str,
    pub over: &'static str,
    pub over_about: &'static str,
    pub no_link: &'static str,
    pub no_link_about: &'static str,
    pub thanks: &'static str,
    pub closed: &'static str,
    pub closed_about: &'static str,
    pub again: &'static str,
    pub failed: &'static str,
}

impl PublicWords {
    /// What somebody is told who has to confirm what they sent.
    pub(crate) const fn next_step(&self, double_opt_in: DoubleOptIn) -> &'static str {
        match double_opt_in {
            DoubleOptIn::None => self.thanks,
            DoubleOptIn::Whatsapp => self.confirm,
            DoubleOptIn::Email => self.mailed,
            DoubleOptIn::Sms => self.texted,
        }
    }
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
            mailed: "We have sent you an e-mail. Open it and confirm there, within two days; nothing counts before. Nothing \
                     came? Look in the spam folder too.",
            texted: "We have sent you a text message (SMS). Open its link and confirm there, within two days; nothing counts \
                     before.",
            plain_phone: "Phone number",
            sure: "Please confirm",
            sure_about: "You have agreed to this. Press the button, and it counts.",
            yes: "Yes, I confirm",
            not_you: "That was not you? Close this page. Nothing is kept.",
            over: "This link is over",
            over_about: "It worked for two days. Fill in the form once more if you still want to.",
            no_link: "There is no such link",
            no_link_about: "Check that the whole link was copied.",
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
            email: "Alamat email",
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
            mailed: "Kami sudah mengirim email kepada Anda. Buka dan konfirmasikan di sana dalam dua hari; sebelum itu belum \
                     ada yang berlaku. Belum ada? Periksa juga folder spam.",
            texted: "Kami sudah mengirim SMS kepada Anda. Buka tautannya dan konfirmasikan di sana dalam dua hari; sebelum itu \
                     belum ada yang berlaku.",
            plain_phone: "Nomor telepon",
            sure: "Mohon konfirmasi",
            sure_about: "Anda telah menyetujui ini. Tekan tombolnya, dan persetujuan Anda berlaku.",
            yes: "Ya, saya konfirmasi",
            not_you: "Bukan Anda? Tutup saja halaman ini. Tidak ada yang disimpan.",
            over: "Tautan ini sudah berakhir",
            over_about: "Tautan berlaku dua hari. Isi formulirnya sekali lagi jika Anda masih mau.",
            no_link: "Tautan tidak ditemukan",
            no_link_about: "Pastikan seluruh tautan tersalin.",
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
            (Self::Email, Locale::Id) => "Tulis alamat email Anda, misalnya sari@example.com.",
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

/// The mail or text with which a person is asked to confirm: its subject, if it has one, and what it says.
pub(super) fn request(locale: Locale, channel: Channel, business: &str, link: &str) -> (String, String) {
    match (channel, locale) {
        (Channel::Email, Locale::En) => (
            format!("Please confirm: messages from {business}"),
            format!(
                "Hello,\n\nsomebody, probably you, signed up with this address to receive messages from {business}. \
                 Nothing counts before you confirm it here, within two days:\n{link}\n\nThat was not you? Then do \
                 nothing, and it is forgotten."
            ),
        ),
        (Channel::Email, Locale::Id) => (
            format!("Mohon konfirmasi: pesan dari {business}"),
            format!(
                "Halo,\n\nseseorang, kemungkinan Anda, mendaftar dengan alamat ini untuk menerima pesan dari {business}. \
                 Belum ada yang berlaku sebelum Anda mengonfirmasinya di sini dalam dua hari:\n{link}\n\nBukan Anda? \
                 Abaikan saja, dan semuanya dilupakan."
            ),
        ),
        (_, Locale::En) => (
            String::new(),
            format!("{business}: confirm that you want our messages: {link} Not you? Ignore this."),
        ),
        (_, Locale::Id) => (
            String::new(),
            format!(
                "{business}: konfirmasikan bahwa Anda mau menerima pesan kami: {link} Bukan Anda? Abaikan."
            ),
        ),
    }
}

/// Said to somebody who agreed by writing, where nobody has put other words.
pub(super) const fn thanks(locale: Locale) -> &'static str {
    match locale {
        Locale::En => {
            "Thank you! We have noted that you want to hear from us. Write STOP whenever you have had enough."
        }
        Locale::Id => {
            "Terima kasih! Kami catat bahwa Anda ingin menerima kabar dari kami. Tulis STOP kapan saja untuk berhenti."
        }
    }
}

/// Said to somebody who agreed, and had stopped everything before.
pub(crate) const fn still_stopped(locale: Locale) -> &'static str {
    match locale {
        Locale::En => {
            "Thank you. You had stopped our messages before: write START, and you receive what you have agreed to."
        }
        Locale::Id => {
            "Terima kasih. Sebelumnya Anda menghentikan pesan kami: tulis MULAI, dan Anda menerima yang Anda setujui."
        }
    }
}
