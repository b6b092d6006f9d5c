//! Indonesian stems: Tala's algorithm, with the roots that it cannot see put right.
//!
//! Tala strips affixes without a dictionary. Where *me-* and *pe-* swallow the first letter of a root ("kirim":
//! *mengirim*, "tulis": *menulis*) it cannot tell which letter went; *t* is restored by rule, and a short list of
//! common roots settles the rest.

use tantivy_stemmers::algorithms::indonesian_tala;

/// What the algorithm makes of a swallowed letter, and the root it stands for. Sorted by the first column.
const ROOTS: &[(&str, &str)] = &[
    ("andung", "kandung"),
    ("elola", "kelola"),
    ("eluar", "luar"),
    ("eluh", "keluh"),
    ("embali", "kembali"),
    ("embang", "kembang"),
    ("emuka", "muka"),
    ("enal", "kenal"),
    ("endali", "kendali"),
    ("erja", "kerja"),
    ("erti", "arti"),
    ("etik", "ketik"),
    ("irim", "kirim"),
    ("lola", "kelola"),
    ("mbali", "kembali"),
    ("mbang", "kembang"),
    ("nal", "kenal"),
    ("ompilasi", "kompilasi"),
    ("onfigurasi", "konfigurasi"),
    ("onfirmasi", "konfirmasi"),
    ("onsumsi", "konsumsi"),
    ("ontak", "kontak"),
    ("ontrol", "kontrol"),
    ("onversi", "konversi"),
    ("oreksi", "koreksi"),
    ("osong", "kosong"),
    ("pain", "main"),
    ("panfaat", "manfaat"),
    ("pasuk", "masuk"),
    ("pati", "mati"),
    ("pilik", "milik"),
    ("pinta", "minta"),
    ("pohon", "mohon"),
    ("puat", "muat"),
    ("pudah", "mudah"),
    ("pula", "mula"),
    ("pulai", "mula"),
    ("pungkin", "mungkin"),
    ("rja", "kerja"),
    ("sala", "nyala"),
    ("sata", "nyata"),
    ("taik", "naik"),
    ("tikah", "nikah"),
    ("tila", "nilai"),
    ("tilai", "nilai"),
    ("tonaktif", "nonaktif"),
    ("umpul", "kumpul"),
    ("unci", "kunci"),
    ("unjung", "kunjung"),
    ("urang", "kurang"),
];

/// Words that only look as if they carried affixes.
const WHOLE: &[&str] = &[
    "berapa", "beberapa", "berita", "berkas", "beri", "beli", "besar", "besok", "diskon", "disk", "diri",
    "ingin", "jaminan", "kapan", "katalog", "kemeja", "kepala", "kertas", "kekuatan", "kelas", "kemarin",
    "kopi", "makan", "medan", "meja", "melati", "menit", "menu", "mereka", "merek", "merah", "merdeka",
    "mesin", "paket", "pesan", "pelan", "peta", "perlu", "permen", "sekolah", "seluruh", "senin", "sepatu",
    "setiap", "nilai", "tanah", "teman", "tempat", "terima", "teras", "minggu", "seminar", "selasa",
];

/// The stem of a folded word.
pub(super) fn stem(word: &str) -> String {
    let bare = without_particles(word);
    if WHOLE.contains(&bare) {
        return bare.to_owned();
    }
    let tala = indonesian_tala(word);
    let found = restore_t(word, &tala);
    match ROOTS.binary_search_by(|(wrong, _)| (*wrong).cmp(found.as_str())) {
        Ok(at) => ROOTS[at].1.to_owned(),
        Err(_) => found,
    }
}

/// The word without *-lah*, *-kah*, *-nya*: what is left may be a word that must stay whole.
fn without_particles(word: &str) -> &str {
    let word = word.strip_suffix("lah").or_else(|| word.strip_suffix("kah")).unwrap_or(word);
    word.strip_suffix("nya").unwrap_or(word)
}

/// "men" and "pen" before a vowel have swallowed a *t*: "menulis" is "tulis", "penutupan" is "tutup".
fn restore_t(word: &str, stem: &str) -> String {
    let vowel = |c: Option<char>| c.is_some_and(|c| "aiueo".contains(c));
    let swallowed = ["men", "pen"].iter().any(|prefix| {
        word.strip_prefix(prefix).is_some_and(|rest| vowel(rest.chars().next()) && rest.starts_with(stem))
    });
    if swallowed { format!("t{stem}") } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ROOTS.is_sorted_by_key(|(wrong, _)| *wrong), "binary search needs a sorted list");
    }

    #[test]
    fn swallowed_letters_come_back() {
        for (word, root) in [
            ("mengirim", "kirim"),
            ("pengiriman", "kirim"),
            ("menutup", "tutup"),
            ("menilai", "nilai"),
            ("meminta", "minta"),
            ("kembali", "kembali"),
            ("mengembalikan", "kembali"),
            ("memuat", "muat"),
            ("bekerja", "kerja"),
            ("dikelola", "kelola"),
            ("mengelola", "kelola"),
        ] {
            assert_eq!(stem(word), root, "{word}");
        }
    }

    #[test]
    fn whole_words_stay_whole() {
        for word in ["paket", "mesin", "menu", "besar", "berapa", "diskon"] {
            assert_eq!(stem(word), word);
            assert_eq!(stem(&format!("{word}nya")), word);
        }
    }
}
