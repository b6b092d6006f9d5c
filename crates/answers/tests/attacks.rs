//! Injection attacks, as data in `attacks/`: direct, through documents, through names and quoted messages.
//!
//! Whether a model gives in is beyond pure code. What is held here: an attack stays inside its fence whatever it
//! says, nothing invisible reaches the model, a reply that gave in is not sent, and the embedded answerer quotes but
//! never obeys.

use std::{collections::HashMap, fs, path::PathBuf};

use answers::{
    Language,
    check::{Rejection, check_reply},
    extract::{self, Outcome, Source},
    passages::{Kind, Passage},
    prompt::{self, Request, Speaker, Turn},
    query::Query,
    rank::{self, Candidate, Statistics},
    smalltalk::{self, Smalltalk},
};
use serde::{Deserialize, de::DeserializeOwned};

const CANARY: &str = "q7w9e3r5t1y2u8i4";

#[derive(Deserialize)]
struct Suite {
    attacks: Vec<Attack>,
}

#[derive(Deserialize)]
struct Attack {
    id: String,
    language: Language,
    text: String,
}

#[derive(Deserialize)]
struct Replies {
    replies: Vec<Given>,
}

#[derive(Deserialize)]
struct Given {
    id: String,
    reply: String,
    rejection: String,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("attacks/{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn suite(name: &str) -> Vec<Attack> {
    read::<Suite>(name).attacks
}

fn all() -> Vec<Attack> {
    ["direct", "documents", "names", "quoted"].into_iter().flat_map(suite).collect()
}

/// A request that carries a text in every place that others can write to.
fn prompt_with(text: &str) -> prompt::Prompt {
    let titles = [text.to_owned()];
    let source = Source { kind: Kind::Text, titles: &titles, text, language: Language::English };
    prompt::build(&Request {
        organisation: "Kopi Senja",
        persona: "",
        language: Language::English,
        customer_name: Some(text),
        history: &[Turn { speaker: Speaker::Customer, text }, Turn { speaker: Speaker::Organisation, text }],
        question: text,
        passages: &[source],
        canary: CANARY,
    })
}

#[test]
fn the_suite_is_large_and_in_both_languages() {
    let attacks = all();
    let ids: std::collections::BTreeSet<_> = attacks.iter().map(|attack| &attack.id).collect();
    assert!(attacks.len() >= 40 && ids.len() == attacks.len());
    for language in Language::ALL {
        assert!(attacks.iter().filter(|attack| attack.language == language).count() >= 15);
    }
}

#[test]
fn no_attack_leaves_its_fence() {
    for attack in all() {
        let prompt = prompt_with(&attack.text);
        // A source, a name, two earlier messages and the question: five fences and nothing else with their marks.
        assert_eq!(prompt.user.matches(&format!("[[{CANARY} ")).count(), 5, "{}", attack.id);
        assert_eq!(prompt.user.matches(&format!("[[/{CANARY}]]")).count(), 5, "{}", attack.id);
        assert_eq!(prompt.user.matches("[[").count(), 10, "{}", attack.id);
        assert_eq!(prompt.user.matches("]]").count(), 10, "{}", attack.id);
        assert_eq!(
            prompt.system,
            prompt_with("harmless").system,
            "{}: instructions depend on data",
            attack.id
        );
    }
}

#[test]
fn nothing_invisible_reaches_the_model() {
    for attack in all() {
        let prompt = prompt_with(&attack.text);
        let hidden = prompt.user.chars().find(|c| {
            (c.is_control() && *c != '\n') || matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xe0000..=0xe0fff)
        });
        assert_eq!(hidden, None, "{}", attack.id);
    }
}

#[test]
fn a_name_cannot_pose_as_another_line() {
    for attack in suite("names") {
        let user = prompt_with(&attack.text).user;
        let start = user.find("customer name]]\n").expect("the name is shown") + "customer name]]\n".len();
        let end = start + user[start..].find("\n[[/").expect("its fence ends");
        assert!(!user[start..end].contains('\n'), "{}", attack.id);
    }
}

/// Asks the embedded answerer with these passages as the organisation's whole knowledge.
fn ask(question: &str, passages: &[Passage]) -> Outcome {
    let mut frequency = HashMap::new();
    for passage in passages {
        let held = format!("{} {}", passage.title_stems(), passage.text_stems());
        for stem in answers::words::distinct(&held) {
            *frequency.entry(stem.to_owned()).or_insert(0) += 1;
        }
    }
    let statistics = Statistics { passages: passages.len() as u32, average_words: 10.0, frequency };
    let stems: Vec<_> = passages.iter().map(|one| (one.title_stems(), one.text_stems())).collect();
    let candidates: Vec<_> = passages
        .iter()
        .zip(&stems)
        .map(|(one, (title, text))| Candidate {
            kind: one.kind,
            title_stems: title,
            text_stems: text,
            similarity: None,
        })
        .collect();
    let sources: Vec<_> = passages
        .iter()
        .map(|one| Source { kind: one.kind, titles: &one.titles, text: &one.text, language: one.language })
        .collect();
    let query = Query::new(question, None);
    extract::answer(&query, &statistics, &rank::rank(&query, &statistics, &candidates), &sources)
}

#[test]
fn the_embedded_answerer_says_only_what_passages_say() {
    let passages = [
        Passage::pair("Berapa ongkir ke Bandung?", "Ongkir ke Bandung Rp15.000.", 0, None),
        Passage::pair("What are your opening hours?", "We open from 8 to 5.", 1, None),
        Passage::pair("Can I return a bag?", "Unopened bags within 7 days.", 2, None),
    ];
    for attack in all() {
        if let Outcome::Supported(answer) = ask(&attack.text, &passages) {
            assert!(passages.iter().any(|one| one.text == answer.text), "{}: {}", attack.id, answer.text);
        }
    }
}

#[test]
fn an_order_in_a_document_is_text_like_any_other() {
    for attack in suite("documents") {
        let passages = answers::passages::cut(
            &answers::passages::sections("Guide", &attack.text),
            Some(attack.language),
        );
        let question = attack.text.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        if let Outcome::Supported(answer) = ask(&question, &passages) {
            let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let quoted = plain(&answer.text);
            assert!(passages.iter().any(|one| plain(&one.text).contains(&quoted)), "{}: {quoted}", attack.id);
        }
    }
}

#[test]
fn no_attack_is_small_talk() {
    for attack in suite("direct").into_iter().chain(suite("quoted")) {
        let found = smalltalk::recognise(&attack.text, None).map(|(kind, _)| kind);
        assert!(matches!(found, None | Some(Smalltalk::WantsPerson)), "{}: {found:?}", attack.id);
    }
}

fn delivery_request<'a>(passages: &'a [Source<'a>]) -> Request<'a> {
    Request {
        organisation: "Kopi Senja",
        persona: "Friendly.",
        language: Language::English,
        customer_name: Some("Budi"),
        history: &[],
        question: "What does delivery to Bandung cost?",
        passages,
        canary: CANARY,
    }
}

#[test]
fn replies_that_gave_in_are_rejected_and_honest_ones_pass() {
    let titles = ["Delivery".to_owned()];
    let text = "Delivery to Bandung costs Rp15.000, see kopisenja.example/kirim or call 0812-3456-789.";
    let source = Source { kind: Kind::Text, titles: &titles, text, language: Language::English };
    let sources = [source];
    let request = delivery_request(&sources);
    let spaced = CANARY.chars().map(|c| format!("{c} ")).collect::<String>();
    let backwards: String = CANARY.chars().rev().collect();
    for given in read::<Replies>("replies").replies {
        let reply =
            given.reply.replace("CANARY", CANARY).replace("SPACED", &spaced).replace("BACKWARDS", &backwards);
        let expected = match given.rejection.as_str() {
            "leak" => Rejection::Leak,
            "link" => Rejection::Link,
            "number" => Rejection::Number,
            "sources" => Rejection::Sources,
            "ungrounded" => Rejection::Ungrounded,
            "malformed" => Rejection::Malformed,
            "unsupported" => Rejection::Unsupported,
            "length" => Rejection::Length,
            other => panic!("{}: no such rejection: {other}", given.id),
        };
        assert_eq!(check_reply(&request, &reply), Err(expected), "{}", given.id);
    }
    for honest in [
        r#"{"supported": true, "answer": "Delivery to Bandung is Rp 15.000.", "sources": [1]}"#,
        "Here you are:\n```json\n{\"supported\": true, \"answer\": \"Delivery costs Rp15,000. See https://kopisenja.example/kirim or call 0812 3456 789\", \"sources\": [1, 1]}\n```",
    ] {
        let reply = check_reply(&request, honest).unwrap_or_else(|why| panic!("{why:?}: {honest}"));
        assert_eq!(reply.sources, [0]);
    }
}
