//! Meta's words about templates, said to the owner of a small shop.

use meta::template::LANGUAGES;
use rules::locale::Locale;

use crate::http::Sentence;

fn sentence(en: &str, id: &str) -> Sentence {
    Sentence { en: en.to_owned(), id: id.to_owned() }
}

/// A template by its name and language; of those that are deleted in all languages, by its name.
pub fn with_language(name: &str, code: &str, locale: Locale) -> String {
    if code.is_empty() { name.to_owned() } else { format!("{name} ({})", language(code, locale)) }
}

/// What a language is called: in the reader's for those that are written most here, else in English.
fn language(code: &str, locale: Locale) -> &str {
    match (locale, code) {
        (Locale::Id, "id") => "Indonesia",
        (Locale::Id, "en") => "Inggris",
        (Locale::Id, "en_US") => "Inggris Amerika",
        (Locale::Id, "en_GB") => "Inggris Britania",
        (Locale::Id, "ms") => "Melayu",
        _ => LANGUAGES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name),
    }
}

/// Why the review refused a template, and what to do.
pub fn rejection(reason: &str) -> Sentence {
    match reason {
        "ABUSIVE_CONTENT" => sentence(
            "WhatsApp finds the text threatening or insulting. Write it kindly and submit it again.",
            "WhatsApp menilai teksnya mengancam atau menghina. Tulis dengan santun lalu ajukan lagi.",
        ),
        "INCORRECT_CATEGORY" => sentence(
            "The text does not fit the kind of template you chose. Choose the right kind, or leave out what does not belong to it.",
            "Teksnya tidak sesuai dengan jenis templat yang dipilih. Pilih jenis yang tepat, atau hapus bagian yang tidak sesuai.",
        ),
        "INVALID_FORMAT" => sentence(
            "Something about how the template is written is not right: a gap, an example, a link or a text that exists already.",
            "Ada penulisan templat yang belum benar: isian, contoh, tautan, atau teks yang sudah ada.",
        ),
        "PROMOTIONAL" => sentence(
            "The text advertises, but the template is not marketing. Make it marketing, or leave the advertising out.",
            "Teksnya berisi promosi, padahal templatnya bukan promosi. Jadikan templat promosi, atau hapus promosinya.",
        ),
        "SCAM" => sentence(
            "The text asks for something people should never give away, such as a password or card number. Leave that out.",
            "Teksnya meminta hal yang tidak boleh diberikan, seperti kata sandi atau nomor kartu. Hapus bagian itu.",
        ),
        "TAG_CONTENT_MISMATCH" => sentence(
            "The language or kind of template you chose is not the one of its text. Choose the right one and submit it again.",
            "Bahasa atau jenis templat yang dipilih tidak cocok dengan teksnya. Pilih yang tepat lalu ajukan lagi.",
        ),
        "CATEGORY_NOT_AVAILABLE" => sentence(
            "This kind of template is not available. Choose another kind.",
            "Jenis templat ini tidak tersedia. Pilih jenis lain.",
        ),
        _ => sentence(
            "WhatsApp refused this template without a reason that we know. Change the text and submit it again.",
            "WhatsApp menolak templat ini tanpa alasan yang kami kenali. Ubah teksnya lalu ajukan lagi.",
        ),
    }
}

/// What a template's state means for those who want to send it; nothing where it can be sent.
pub fn state(status: &str) -> Option<Sentence> {
    Some(match status {
        "APPROVED" => return None,
        "PENDING" | "IN_APPEAL" => sentence(
            "WhatsApp is reviewing it. That mostly takes minutes, at most a day.",
            "WhatsApp sedang meninjaunya. Biasanya beberapa menit, paling lama sehari.",
        ),
        "REJECTED" => sentence(
            "WhatsApp refused it. Messages that need it are refused, too, until you change it and it is approved.",
            "WhatsApp menolaknya. Pesan yang memerlukannya juga ditolak sampai Anda mengubahnya dan disetujui.",
        ),
        "PAUSED" => sentence(
            "WhatsApp paused it because people blocked or reported it. Messages that need it wait until the pause ends.",
            "WhatsApp menjedanya karena ada yang memblokir atau melaporkannya. Pesan yang memerlukannya menunggu sampai jeda berakhir.",
        ),
        "DISABLED" => sentence(
            "WhatsApp disabled it for good. Messages that need it are refused. Write a new template with another text.",
            "WhatsApp menonaktifkannya selamanya. Pesan yang memerlukannya ditolak. Tulis templat baru dengan teks lain.",
        ),
        "ARCHIVED" => sentence(
            "WhatsApp put it away because it was not used for a year. Take it back in WhatsApp Manager, or write a new one.",
            "WhatsApp mengarsipkannya karena setahun tidak dipakai. Pulihkan di WhatsApp Manager, atau tulis yang baru.",
        ),
        "PENDING_DELETION" | "DELETED" => sentence(
            "It is deleted at WhatsApp and cannot be sent any more.",
            "Templat ini sudah dihapus di WhatsApp dan tidak dapat dikirim lagi.",
        ),
        "LIMIT_EXCEEDED" => sentence(
            "The account has more templates than it may have. Delete some that you do not use.",
            "Akun memiliki terlalu banyak templat. Hapus yang tidak dipakai.",
        ),
        _ => sentence(
            "It cannot be sent in its present state.",
            "Templat ini tidak dapat dikirim dalam keadaannya sekarang.",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_metas_is_said_in_both_languages() {
        for reason in
            ["ABUSIVE_CONTENT", "INVALID_FORMAT", "PROMOTIONAL", "SCAM", "TAG_CONTENT_MISMATCH", "NEW_ONE"]
        {
            let said = rejection(reason);
            assert!(said.en.len() > 30 && said.id.len() > 30 && said.en != said.id);
        }
        for status in ["PENDING", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED", "DELETED", "LOCKED"] {
            assert!(state(status).is_some_and(|said| said.en != said.id), "{status}");
        }
        assert!(state("APPROVED").is_none());
    }

    #[test]
    fn a_language_is_called_by_its_name() {
        assert_eq!(with_language("promo", "id", Locale::En), "promo (Indonesian)");
        assert_eq!(with_language("promo", "en_US", Locale::Id), "promo (Inggris Amerika)");
        assert_eq!(with_language("promo", "xx", Locale::Id), "promo (xx)");
        assert_eq!(with_language("promo", "", Locale::Id), "promo");
    }
}
