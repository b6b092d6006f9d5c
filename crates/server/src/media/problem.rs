//! Why a file cannot be opened, in words for those who would like to.

use rules::media::{FileState, Scan};
use serde_json::{Value, json};
use store::media::Media;

/// Why a file is not to be had: what was found in it, or what went wrong when it was fetched.
pub(super) fn of(media: &Media) -> Option<Value> {
    match (media.standing(), media.scan) {
        (FileState::Blocked, Some(Scan::Infected)) => Some(infected(media.scan_found.as_deref())),
        (FileState::Blocked, _) => Some(unchecked()),
        (FileState::Checking, _) => Some(checking()),
        (FileState::Expired, _) => Some(expired()),
        _ => media.problem.as_ref().map(|json| json.0.clone()),
    }
}

fn infected(found: Option<&str>) -> Value {
    json!({
        "code": "media_infected",
        "title": { "en": "Blocked: a virus was found in this file.", "id": "Diblokir: ada virus di berkas ini." },
        "action": {
            "en": "Nobody can open it here. Ask the contact to check the device it comes from.",
            "id": "Tidak ada yang dapat membukanya di sini. Minta pelanggan memeriksa perangkat asalnya.",
        },
        "details": found,
    })
}

fn unchecked() -> Value {
    json!({
        "code": "media_unchecked",
        "title": {
            "en": "Blocked: this file could not be checked for viruses.",
            "id": "Diblokir: berkas ini tidak dapat diperiksa dari virus.",
        },
        "action": { "en": "Ask the contact for a smaller file.", "id": "Minta pelanggan mengirim berkas yang lebih kecil." },
    })
}

fn checking() -> Value {
    json!({
        "code": "media_checking",
        "title": { "en": "This file is being checked for viruses.", "id": "Berkas ini sedang diperiksa dari virus." },
        "action": { "en": "It opens by itself when that is done.", "id": "Berkas terbuka sendiri setelah selesai." },
    })
}

fn expired() -> Value {
    json!({
        "code": "media_expired",
        "title": {
            "en": "This file was deleted after the time that your settings allow.",
            "id": "Berkas ini dihapus setelah waktu simpan di pengaturan Anda habis.",
        },
        "action": {
            "en": "An owner or admin can change the time under Settings, Files.",
            "id": "Pemilik atau admin dapat mengubah waktunya di Pengaturan, Berkas.",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_sentence_and_an_action_in_both_languages() {
        for problem in [infected(Some("Eicar")), unchecked(), checking(), expired()] {
            for part in ["title", "action"] {
                for language in ["en", "id"] {
                    assert!(
                        problem[part][language].as_str().is_some_and(|text| text.len() > 15),
                        "{problem}"
                    );
                }
            }
        }
    }
}
