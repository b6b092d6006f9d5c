//! Messages that need no passages: greetings, thanks, goodbyes, and the wish to talk to a person.
//!
//! Invariant: a message is small talk only as a whole. One word beyond ("halo kak, berapa harganya") makes it a
//! question, so that no question is ever answered with "You're welcome".

use crate::{Language, language, words, words::lists};

/// What a message without a question means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smalltalk {
    /// "Halo kak", "Good morning!"
    Greeting,
    /// "Makasih ya", "thanks a lot"
    Thanks,
    /// "Dadah", "bye"
    Goodbye,
    /// "Oke siap", "👍"
    Acknowledgement,
    /// "Saya mau tanya", "I have a question": the question itself is still to come.
    Opening,
    /// "Mau ngomong sama orang", "talk to a human": hand the conversation over.
    WantsPerson,
}

/// Recognises small talk, with the language it is in.
pub fn recognise(message: &str, prior: Option<Language>) -> Option<(Smalltalk, Language)> {
    let spoken = words::split(message);
    let language = language::detect(message, prior);
    if spoken.is_empty() {
        let nod = message.chars().any(|c| "👍👌🙏😊😁👏❤".contains(c));
        return nod.then_some((Smalltalk::Acknowledgement, prior.unwrap_or(language)));
    }
    if wants_person(&spoken) {
        return Some((Smalltalk::WantsPerson, language));
    }
    if announces_question(&spoken) {
        return Some((Smalltalk::Opening, language));
    }
    if message.contains('?') && !GREETING_QUESTIONS.iter().any(|phrase| spoken.join(" ").contains(phrase)) {
        return None;
    }
    // Longest phrases first, so that "selamat jalan" is no "selamat" with a stray word.
    let mut rest = format!(" {} ", spoken.join(" "));
    let mut meant = None;
    for (kind, phrases) in PHRASES {
        for phrase in *phrases {
            let phrase = format!(" {phrase} ");
            while let Some(at) = rest.find(&phrase) {
                rest.replace_range(at..at + phrase.len(), " ");
                meant = meant.or(Some(*kind));
            }
        }
    }
    let polite = rest.split_whitespace().all(is_filler);
    let (kind, language) = (meant?, own_language(&spoken).unwrap_or(language));
    polite.then_some((kind, language))
}

/// The friendly reply, unless the organisation has its own words. A wish for a person is confirmed.
pub fn reply(kind: Smalltalk, language: Language) -> &'static str {
    match (kind, language) {
        (Smalltalk::Greeting, Language::Indonesian) => "Halo! Ada yang bisa saya bantu?",
        (Smalltalk::Greeting, Language::English) => "Hello! How can I help you?",
        (Smalltalk::Thanks, Language::Indonesian) => "Sama-sama! Senang bisa membantu.",
        (Smalltalk::Thanks, Language::English) => "You're welcome! Glad to help.",
        (Smalltalk::Goodbye, Language::Indonesian) => "Sampai jumpa! Semoga harinya menyenangkan.",
        (Smalltalk::Goodbye, Language::English) => "Goodbye! Have a nice day.",
        (Smalltalk::Acknowledgement, Language::Indonesian) => "Baik! Kabari saja kalau ada yang lain.",
        (Smalltalk::Acknowledgement, Language::English) => "All right! Just write if there is anything else.",
        (Smalltalk::Opening, Language::Indonesian) => "Silakan, mau tanya apa?",
        (Smalltalk::Opening, Language::English) => "Of course, what would you like to know?",
        (Smalltalk::WantsPerson, Language::Indonesian) => {
            "Baik, saya sambungkan ke tim kami. Mohon ditunggu, ya."
        }
        (Smalltalk::WantsPerson, Language::English) => {
            "Of course, I am connecting you with our team. One moment, please."
        }
    }
}

/// Questions that are greetings.
const GREETING_QUESTIONS: &[&str] = &[
    "apa kabar",
    "how are you",
    "hows it going",
    "anybody there",
    "anyone there",
    "ada orang",
    "are you there",
];

/// Phrases by meaning, in the order in which a message with several is understood ("halo, makasih ya" is thanks).
const PHRASES: &[(Smalltalk, &[&str])] = &[
    (
        Smalltalk::Thanks,
        &[
            "terima kasih banyak",
            "terima kasih",
            "terimakasih",
            "trima kasih",
            "makasih",
            "makasi",
            "makaci",
            "mksh",
            "mksih",
            "trims",
            "trmksh",
            "tq",
            "thank you so much",
            "thank you very much",
            "thank you",
            "thanks a lot",
            "thanks so much",
            "many thanks",
            "thanks",
            "thx",
            "ty",
            "thankyou",
            "matur nuwun",
            "hatur nuhun",
            "nuhun",
            "suwun",
            "appreciate it",
            "much appreciated",
            "cheers",
        ],
    ),
    (
        Smalltalk::Goodbye,
        &[
            "sampai jumpa",
            "sampai ketemu",
            "selamat tinggal",
            "selamat tidur",
            "dadah",
            "dah dulu",
            "good bye",
            "goodbye",
            "bye bye",
            "bye",
            "see you later",
            "see you",
            "see ya",
            "good night",
            "have a nice day",
            "have a good day",
        ],
    ),
    (
        Smalltalk::Greeting,
        &[
            "assalamualaikum warahmatullahi wabarakatuh",
            "assalamualaikum wr wb",
            "assalamualaikum",
            "assalamu alaikum",
            "asalamualaikum",
            "askum",
            "selamat pagi",
            "selamat siang",
            "selamat sore",
            "selamat malam",
            "met pagi",
            "met siang",
            "met sore",
            "met malam",
            "apa kabar",
            "ada orang",
            "salam kenal",
            "permisi",
            "punten",
            "halo",
            "hallo",
            "helo",
            "hai",
            "hay",
            "hi",
            "hii",
            "hello",
            "hey",
            "heyy",
            "p",
            "good morning",
            "good afternoon",
            "good evening",
            "good day",
            "morning",
            "afternoon",
            "evening",
            "greetings",
            "how are you",
            "hows it going",
            "anybody there",
            "anyone there",
            "are you there",
            "hello there",
            "pagi",
            "siang",
            "sore",
            "malam",
        ],
    ),
    (
        Smalltalk::Acknowledgement,
        &[
            "oke siap",
            "baik kalau begitu",
            "sudah jelas",
            "sip",
            "siap",
            "siapp",
            "oke",
            "okee",
            "okeh",
            "ok",
            "okay",
            "okey",
            "baik",
            "baiklah",
            "mantap",
            "mantul",
            "noted",
            "got it",
            "understood",
            "sounds good",
            "all good",
            "great",
            "perfect",
            "alright",
            "all right",
            "nice",
            "cool",
            "jelas",
            "paham",
            "ngerti",
            "oh gitu",
            "bagus",
        ],
    ),
];

/// Words that go along with any small talk.
fn is_filler(word: &str) -> bool {
    const FILLERS: &[&str] = &[
        "kak",
        "kakak",
        "kaka",
        "min",
        "admin",
        "mimin",
        "gan",
        "sis",
        "bro",
        "bos",
        "boss",
        "bang",
        "mas",
        "mbak",
        "mba",
        "pak",
        "bapak",
        "bu",
        "ibu",
        "bunda",
        "om",
        "tante",
        "ya",
        "yaa",
        "yah",
        "dong",
        "deh",
        "nih",
        "sih",
        "banget",
        "bgt",
        "banyak",
        "sekali",
        "atas",
        "bantuannya",
        "bantuan",
        "infonya",
        "info",
        "informasinya",
        "penjelasannya",
        "responnya",
        "semua",
        "semuanya",
        "dan",
        "sudah",
        "udah",
        "for",
        "your",
        "the",
        "help",
        "all",
        "so",
        "much",
        "very",
        "a",
        "lot",
        "there",
        "team",
        "everyone",
        "sir",
        "madam",
        "maam",
        "dear",
        "guys",
        "and",
        "again",
        "then",
        "lagi",
        "that",
        "is",
        "it",
        "oh",
        "ah",
        "eh",
        "hehe",
        "haha",
        "wah",
        "to",
        "you",
        "untuk",
        "this",
        "info2nya",
        "fast",
        "reply",
        "answer",
        "response",
        "jawabannya",
        "cepatnya",
        "atuh",
        "teh",
        "aa",
        "neng",
        "cuy",
        "lah",
        "lho",
        "loh",
        "wr",
        "wb",
        "wb",
        "nya",
        "mate",
        "mom",
        "dok",
        "dokter",
        "doctor",
        "today",
        "hari",
        "ini",
        "later",
        "now",
    ];
    FILLERS.contains(&word)
}

/// Whether a message only says that a question is to come: it speaks of asking, and of nothing to ask about.
fn announces_question(spoken: &[String]) -> bool {
    const ASKING: &[&str] = &[
        "tanya",
        "tanya2",
        "nanya",
        "nanya2",
        "bertanya",
        "tanyakan",
        "ditanyakan",
        "pertanyaan",
        "ask",
        "question",
        "questions",
    ];
    const AROUND: &[&str] = &[
        "saya",
        "sy",
        "aku",
        "ak",
        "gue",
        "gw",
        "kami",
        "mau",
        "mo",
        "ingin",
        "pengen",
        "pingin",
        "pgn",
        "hendak",
        "boleh",
        "blh",
        "bisa",
        "bs",
        "numpang",
        "izin",
        "ijin",
        "ada",
        "yang",
        "yg",
        "sesuatu",
        "sebentar",
        "bentar",
        "dulu",
        "satu",
        "beberapa",
        "hal",
        "i",
        "id",
        "ive",
        "we",
        "have",
        "got",
        "would",
        "like",
        "want",
        "wanna",
        "can",
        "could",
        "may",
        "some",
        "few",
        "one",
        "something",
        "quick",
        "just",
        "please",
        "tolong",
    ];
    let (_, greetings) = PHRASES.iter().find(|(kind, _)| *kind == Smalltalk::Greeting).unwrap_or(&PHRASES[0]);
    let greets = |word: &str| greetings.iter().any(|phrase| phrase.split(' ').any(|part| part == word));
    let around = |word: &str| AROUND.contains(&word) || is_filler(word) || greets(word);
    let asks = |word: &str| ASKING.contains(&word);
    spoken.iter().any(|word| asks(word)) && spoken.iter().all(|word| asks(word) || around(word))
}

/// Whether a message wants a person. Verb and person must both be there, or the message is nothing but the person.
fn wants_person(spoken: &[String]) -> bool {
    const PERSONS: &[&str] = &[
        "orang",
        "manusia",
        "cs",
        "operator",
        "agen",
        "agent",
        "human",
        "person",
        "representative",
        "staf",
        "staff",
        "petugas",
        "karyawan",
        "pegawai",
        "somebody",
        "someone",
        "admin",
        "adminnya",
        "csnya",
        "people",
        "manager",
        "tim",
        "team",
        "people",
    ];
    const VERBS: &[&str] = &[
        "ngomong",
        "bicara",
        "ngobrol",
        "chat",
        "disambungkan",
        "sambungkan",
        "sambungin",
        "hubungkan",
        "hubungin",
        "terhubung",
        "talk",
        "speak",
        "speaking",
        "talking",
        "connect",
        "transfer",
        "contact",
        "berbicara",
        "call",
        "chatting",
        "ngechat",
        "dihubungkan",
        "dihubungi",
        "panggilkan",
        "panggilin",
        "want",
        "mau",
        "minta",
        "need",
        "perlu",
        "butuh",
    ];
    const REFUSE_BOT: &[&str] = &[
        "bukan bot",
        "jangan bot",
        "not a bot",
        "no bot",
        "bukan robot",
        "not a robot",
        "orang asli",
        "orang beneran",
        "manusia asli",
        "real person",
        "real human",
        "live agent",
        "customer service",
        "layanan pelanggan",
        "live chat",
        "actual person",
        "actual human",
        "human agent",
        "human being",
    ];
    let text = spoken.join(" ");
    let named = REFUSE_BOT.iter().any(|phrase| text.contains(phrase));
    let is = |list: &[&str], word: &str| list.contains(&word);
    let verb = spoken.iter().position(|word| is(VERBS, word));
    let person = spoken.iter().rposition(|word| is(PERSONS, word));
    // What is left beside verb, person and politeness: "mau pesan untuk 10 orang" keeps "pesan" and "10".
    let leftover = spoken.iter().filter(|word| {
        let known = is(VERBS, word) || is(PERSONS, word) || is_filler(word) || is(GLUE, word);
        !known && !lists::is_stop(word, Language::English) && !lists::is_stop(word, Language::Indonesian)
    });
    let leftover =
        leftover.filter(|word| !named || !REFUSE_BOT.iter().any(|phrase| phrase.contains(word.as_str())));
    let plain = leftover.count() == 0;
    let asks_how_many =
        spoken.iter().any(|word| matches!(word.as_str(), "berapa" | "brp" | "many" | "siapa" | "who"));
    let to_person = matches!((verb, person), (Some(verb), Some(person)) if verb < person);
    let only_person = person.is_some()
        && spoken.len() <= 2
        && is(&["cs", "human", "operator", "admin", "agent", "manusia"], &spoken[person.unwrap_or(0)]);
    plain && !asks_how_many && (to_person || only_person || (named && spoken.len() <= 12))
}

/// Words between verb and person.
const GLUE: &[&str] = &[
    "sama",
    "dengan",
    "dgn",
    "ke",
    "ama",
    "langsung",
    "aja",
    "asli",
    "beneran",
    "real",
    "live",
    "actual",
    "human",
    "customer",
    "service",
    "support",
    "sales",
    "layanan",
    "pelanggan",
    "toko",
    "klinik",
    "kalian",
    "tolong",
    "please",
    "bukan",
    "bot",
    "robot",
    "instead",
    "gak",
    "ga",
    "nggak",
    "ngga",
    "bs",
    "directly",
    "lewat",
    "telepon",
    "pingin",
    "pgn",
    "pengen",
    "speak",
    "ngmg",
    "d",
    "di",
    "dr",
    "dari",
    "from",
    "member",
];

/// The language that the words of the small talk belong to, for those that say it by themselves.
fn own_language(spoken: &[String]) -> Option<Language> {
    const ENGLISH: &[&str] = &[
        "thanks",
        "thank",
        "thx",
        "hello",
        "hey",
        "bye",
        "goodbye",
        "good",
        "morning",
        "afternoon",
        "evening",
        "great",
        "perfect",
        "alright",
        "understood",
        "got",
        "appreciate",
        "cheers",
        "greetings",
        "cool",
        "nice",
        "see",
    ];
    const INDONESIAN: &[&str] = &[
        "terima",
        "kasih",
        "terimakasih",
        "makasih",
        "makasi",
        "mksh",
        "halo",
        "hallo",
        "selamat",
        "pagi",
        "siang",
        "sore",
        "malam",
        "permisi",
        "punten",
        "assalamualaikum",
        "kabar",
        "siap",
        "sip",
        "oke",
        "baik",
        "kak",
        "kakak",
        "min",
        "gan",
        "mas",
        "mbak",
        "pak",
        "bu",
        "ya",
        "trims",
        "mantap",
        "paham",
        "jelas",
        "dadah",
        "nuhun",
        "suwun",
    ];
    let any = |list: &[&str]| spoken.iter().any(|word| list.contains(&word.as_str()));
    match (any(INDONESIAN), any(ENGLISH)) {
        (true, _) => Some(Language::Indonesian),
        (false, true) => Some(Language::English),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(message: &str) -> Option<Smalltalk> {
        recognise(message, None).map(|(kind, _)| kind)
    }

    #[test]
    fn small_talk_is_recognised_with_its_language() {
        use {Language::*, Smalltalk::*};
        for (message, meaning, language) in [
            ("halo kak", Greeting, Indonesian),
            ("Selamat pagi 🙏", Greeting, Indonesian),
            ("assalamualaikum min", Greeting, Indonesian),
            ("apa kabar?", Greeting, Indonesian),
            ("Hello there!", Greeting, English),
            ("Good morning", Greeting, English),
            ("hey, how are you?", Greeting, English),
            ("makasih banyak kak ya", Thanks, Indonesian),
            ("Terima kasih atas bantuannya", Thanks, Indonesian),
            ("halo, makasih ya infonya", Thanks, Indonesian),
            ("thanks!", Thanks, English),
            ("ok thank you so much for your help", Thanks, English),
            ("bye, have a nice day", Goodbye, English),
            ("oke siap", Acknowledgement, Indonesian),
            ("got it", Acknowledgement, English),
            ("Saya mau tanya", Opening, Indonesian),
            ("halo kak, mau nanya dong", Opening, Indonesian),
            ("boleh tanya-tanya?", Opening, Indonesian),
            ("ada yang mau saya tanyakan", Opening, Indonesian),
            ("I have a question", Opening, English),
            ("Hi, can I ask something?", Opening, English),
            ("mau ngomong sama orang dong", WantsPerson, Indonesian),
            ("bisa bicara dengan CS?", WantsPerson, Indonesian),
            ("tolong sambungkan ke admin", WantsPerson, Indonesian),
            ("saya mau chat sama manusia, bukan bot", WantsPerson, Indonesian),
            ("I want to talk to a human", WantsPerson, English),
            ("can I speak with a real person please", WantsPerson, English),
            ("connect me to customer service", WantsPerson, English),
        ] {
            assert_eq!(recognise(message, None), Some((meaning, language)), "{message}");
        }
    }

    #[test]
    fn questions_are_left_alone() {
        for message in [
            "halo kak, berapa harganya?",
            "mau tanya harga kopi",
            "mau nanya, buka jam berapa?",
            "I have a question about parking",
            "can I ask for a refund",
            "Good morning, do you open on Sunday?",
            "thanks, and how do I pay?",
            "makasih, terus cara bayarnya gimana",
            "mau pesan untuk 10 orang",
            "berapa orang yang bisa ikut?",
            "how many people can attend?",
            "table for four people",
            "mau reservasi buat 5 orang",
            "apakah ada dokter gigi hari ini",
            "how do I contact the dentist about my person of trust",
            "siapa adminnya?",
            "pagi buka jam berapa",
            "malam ini buka?",
            "sore ini dokternya ada?",
            "is there a good morning roast",
            "kopi siap minum ada?",
            "saya perlu surat untuk 2 orang tua",
            "",
        ] {
            assert_eq!(kind(message), None, "{message}");
        }
    }

    #[test]
    fn a_thumb_is_an_acknowledgement() {
        assert_eq!(
            recognise("👍", Some(Language::English)),
            Some((Smalltalk::Acknowledgement, Language::English))
        );
        assert_eq!(kind("🚗"), None);
    }

    proptest! {
        #[test]
        fn a_meaningful_word_makes_it_a_question(word in "(harga|ongkir|alamat|price|appointment|refund|jadwal|menu)") {
            for greeting in ["halo kak", "thanks", "selamat pagi", "oke", "hello"] {
                prop_assert_eq!(kind(&format!("{} {}", greeting, word)), None);
            }
        }

        #[test]
        fn any_message_is_read_without_panic(message in "\\PC{0,80}") {
            recognise(&message, None);
        }
    }
}
