//! What people write to a small business and what it answers, in Indonesian and English.

use rules::message::Kind;
use serde_json::{Value, json};

const FIRST: &[&str] = &[
    "Sari", "Budi", "Amelia", "Rina", "Tom", "Dewi", "Agus", "Putri", "James", "Wayan", "Siti", "Hendra",
    "Grace", "Fajar", "Lestari", "Oliver", "Nur", "Yusuf", "Mega", "Bayu", "Chloe", "Rizky", "Intan",
    "Daniel", "Kadek",
];
const LAST: &[&str] = &[
    "Wulandari",
    "Santoso",
    "Hart",
    "Kusuma",
    "Reed",
    "Lestari",
    "Wijaya",
    "Pratama",
    "Carter",
    "Sudarma",
    "Rahayu",
    "Gunawan",
    "Lee",
    "Nugroho",
    "Anggraini",
    "Bennett",
    "Hidayat",
    "Maulana",
    "Permata",
    "Saputra",
    "Walker",
    "Ramadhan",
    "Safitri",
    "Evans",
    "Artini",
    "Siregar",
    "Tan",
];

const ASKED: &[&str] = &[
    "Halo kak, kopi Gayo 250 gram masih ada?",
    "Berapa ongkir ke Bandung?",
    "Hi, do you deliver on Sundays?",
    "Kalau pesan sekarang, kapan sampai ya? Saya butuh untuk acara hari Sabtu, kira-kira tiga puluh orang.",
    "Thanks! Got the parcel this morning, everything was well packed.",
    "Bisa bayar pakai QRIS?",
    "Saya mau ganti alamat: Jl. Merdeka No. 17, Bogor. Rumah pagar hijau di sebelah apotek, titip ke satpam kalau saya tidak ada.",
    "Is the Mandarin speaking doctor in on Thursday?",
    "Oke, ditunggu ya",
    "Could you send me the price list again, please? The last one that I have is from March and I think that some prices have changed since.",
    "Pesanan saya nomor 4471 belum sampai, mohon dicek",
    "👍",
    "Boleh minta nomor resinya?",
    "Sorry, wrong size. How do I return it?",
    "Masih buka jam segini?",
];

const ANSWERED: &[&str] = &[
    "Masih ada, kak. Gayo 250 gram Rp 95.000, mau digiling halus atau kasar?",
    "Yes, on Sundays from nine to three. Orders before noon arrive the same day.",
    "Ongkir ke Bandung Rp 18.000 untuk satu kilogram, sampai dalam 1–2 hari kerja.",
    "Baik, alamatnya sudah kami ganti. Paket berangkat sore ini dan nomor resi menyusul.",
    "I am sorry about that. *Please keep the parcel as it is*; our courier picks it up tomorrow between 10 and 12.",
    "Sama-sama, kak! Selamat menikmati 🙏",
    "Untuk tiga puluh orang kami sarankan 1 kg. Kalau dipesan sebelum Kamis, pasti sampai hari Jumat.",
    "You find the current list at https://example.com/prices. Anything else?",
    "Bisa QRIS, transfer BCA, atau bayar di tempat.",
    "Let me check with the warehouse and come back to you.",
];

/// The name of the contact with this number.
pub fn name(n: usize) -> String {
    let (first, last) = (FIRST[n % FIRST.len()], LAST[(n / FIRST.len() + n) % LAST.len()]);
    // Every fifth has a word of their own, so that a search for it finds one.
    if n.is_multiple_of(5) { format!("{first} {last} {}", rare(n)) } else { format!("{first} {last}") }
}

/// A word that no other contact has.
pub fn rare(n: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ci", "du", "fe", "go", "ha", "ji", "ku", "le", "mo", "na", "pi", "ru", "se", "to", "wa"];
    (0..6).map(|place| SYLLABLES[(n >> (4 * place)) & 15]).collect()
}

/// What a message says: its kind, its content as the inbox keeps it, and its human text.
pub struct Said {
    pub kind: Kind,
    pub content: Value,
    pub body: String,
}

/// What the contact wrote as the `n`th message.
pub fn asked(n: usize) -> Said {
    let text = ASKED[n * 7 % ASKED.len()];
    match n % 23 {
        3 => Said {
            kind: Kind::Location,
            content: json!({ "type": "location", "latitude": -6.5971, "longitude": 106.806, "name": "Kopi Nusantara",
                "address": "Jl. Pajajaran 12, Bogor" }),
            body: "Kopi Nusantara, Jl. Pajajaran 12, Bogor".into(),
        },
        8 => Said {
            kind: Kind::Contacts,
            content: json!({ "type": "contacts",
                "cards": [{ "name": name(n), "phones": [{ "phone": "+62 812 0000 1111" }], "emails": [] }] }),
            body: name(n),
        },
        14 => Said {
            kind: Kind::Image,
            content: json!({ "type": "media", "kind": "image", "mime": "image/jpeg", "caption": text }),
            body: text.into(),
        },
        19 => Said {
            kind: Kind::Audio,
            content: json!({ "type": "media", "kind": "audio", "mime": "audio/ogg", "voice": true }),
            body: String::new(),
        },
        _ => Said { kind: Kind::Text, content: json!({ "type": "text", "body": text }), body: text.into() },
    }
}

/// What the business answered as the `n`th message.
pub fn answered(n: usize) -> Said {
    let text = ANSWERED[n * 3 % ANSWERED.len()];
    match n % 19 {
        5 => Said {
            kind: Kind::Interactive,
            content: json!({ "type": "interactive", "interactive": { "type": "button", "body": { "text": text },
                "action": { "buttons": [
                    { "type": "reply", "reply": { "id": "yes", "title": "Ya, pesan" } },
                    { "type": "reply", "reply": { "id": "no", "title": "Nanti saja" } } ] } } }),
            body: format!("{text}\n[Ya, pesan]\n[Nanti saja]"),
        },
        11 => Said {
            kind: Kind::Document,
            content: json!({ "type": "document", "document": { "filename": "daftar-harga.pdf" } }),
            body: "daftar-harga.pdf".into(),
        },
        _ => Said {
            kind: Kind::Text,
            content: json!({ "type": "text", "text": { "body": text } }),
            body: text.into(),
        },
    }
}

/// One line for the list of conversations.
pub fn preview(said: &Said) -> String {
    let line = said.body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { format!("[{}]", said.kind) } else { line.chars().take(120).collect() }
}
