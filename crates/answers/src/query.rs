//! The customer's question as terms to find, each with the forms in which a passage may hold it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    Language, language,
    words::{self, lists, spelling},
};

/// A question longer than this many words is judged by its first ones (people paste whole letters).
const MOST_TERMS: usize = 32;
/// What a form that is not the customer's own word counts.
const LOOSE_WEIGHT: f32 = 0.75;
/// What a mended word counts.
const MENDED_WEIGHT: f32 = 0.9;
/// How much a function word asks for, where the question has hardly another ("siapa yang ada di sistem?").
const FUNCTION_WEIGHT: f32 = 0.3;

/// One word of the question that carries meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The word as folded from the question.
    pub word: String,
    /// The stems that are this word, in either language.
    pub forms: Vec<String>,
    /// Stems that may stand for it (synonyms, colloquial derivations), with what they count compared with 1.
    pub loose: Vec<(String, f32)>,
    /// How much of the question's meaning it carries: 1 for a content word, less for a function word.
    pub weight: f32,
    /// Whether spelling repair has changed the forms.
    pub mended: bool,
}

/// What kind of thing the question asks for; an answer without one is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// "How much", "berapa harganya": a number, usually with a currency.
    Price,
    /// "How many", "berapa": a number.
    Number,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// Opening hours: a time or "24 hours".
    Hours,
}

/// A question, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The language it is asked in, in which the answer should be.
    pub language: Language,
    /// Its content words, each once, in order; where there is only one, its function words follow.
    pub terms: Vec<Term>,
    /// The stems of its function words, by which it may still match a title that is the same question.
    pub function_stems: Vec<String>,
    /// What an answer must contain.
    pub expects: Option<Expectation>,
}

impl Query {
    /// Reads a question. `prior` is the language expected of this customer.
    pub fn new(question: &str, prior: Option<Language>) -> Self {
        let language = language::detect(question, prior);
        let spoken = words::split(question);
        let plain: Vec<String> = spoken
            .iter()
            .flat_map(|word| match lists::plain(word, language) {
                Some(plain) => plain.split(' ').map(str::to_owned).collect(),
                None => vec![word.clone()],
            })
            .collect();
        let (function, content): (Vec<&String>, Vec<&String>) =
            plain.iter().partition(|word| lists::is_stop(word, language));
        let function_stems: Vec<String> = function.iter().map(|word| words::stem(word, language)).collect();
        let mut seen = BTreeSet::new();
        let mut terms: Vec<Term> = content
            .into_iter()
            .map(|word| Term::new(word, language))
            .filter(|term| seen.insert(term.forms[0].clone()))
            .take(MOST_TERMS)
            .collect();
        let expects = expectation(&plain, language);
        if terms.is_empty() {
            terms = implied(&plain, expects, language);
        } else if terms.iter().filter(|term| term.weight == 1.0).count() == 1 {
            let function = function.into_iter().map(|word| Term::new(word, language));
            terms.extend(function.map(|term| Term { weight: FUNCTION_WEIGHT, ..term }));
        }
        Self { language, terms, function_stems, expects }
    }

    /// Every stem to look for, each once: whose frequency the ranking needs.
    pub fn forms(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        self.terms
            .iter()
            .flat_map(Term::all)
            .map(|(form, _)| form)
            .filter(|form| seen.insert(*form))
            .collect()
    }

    /// The stems of words that no passage holds, given how many passages hold each form: worth looking for similar
    /// ones (at most [`spelling::reach`] edits away, so of nearly the same length) and giving them to
    /// [`Query::repair`].
    pub fn unknown(&self, frequency: &HashMap<String, u32>) -> Vec<&str> {
        let known = |term: &Term| term.all().any(|(form, _)| frequency.get(form).is_some_and(|n| *n > 0));
        let unknown = self.terms.iter().filter(|term| term.weight == 1.0 && !known(term));
        let stems = unknown.flat_map(|term| &term.forms);
        stems.map(String::as_str).filter(|stem| spelling::reach(stem) > 0).collect()
    }

    /// Mends the spelling of unknown words. `similar` holds stems of the organisation's passages with the number of
    /// passages that hold each: those near the unknown words, or the whole vocabulary where it is small.
    pub fn repair(&mut self, frequency: &HashMap<String, u32>, similar: &BTreeMap<String, u32>) {
        let language = self.language;
        let known = |stem: &str| frequency.get(stem).is_some_and(|n| *n > 0);
        let mut joined = Vec::new();
        for term in &mut self.terms {
            if term.weight < 1.0 || term.all().any(|(form, _)| known(form)) {
                continue;
            }
            let mut found = Vec::new();
            for form in std::iter::once(&term.word).chain(&term.forms) {
                for near in spelling::nearest(form, similar, 2) {
                    let edits = spelling::distance(form, near, 2).unwrap_or(2);
                    found.push((edits, near.to_owned()));
                }
            }
            found.sort();
            found.dedup();
            if let Some((fewest, _)) = found.first().cloned() {
                term.forms =
                    found.into_iter().filter(|(edits, _)| *edits == fewest).map(|(_, stem)| stem).collect();
                term.forms.dedup();
                term.mended = true;
            } else if let Some((first, second)) = halves(&term.word, language, similar) {
                joined.push(Term { mended: true, ..Term::new(second, language) });
                *term = Term { mended: true, ..Term::new(first, language) };
            }
        }
        self.terms.extend(joined);
    }
}

/// Two known words written as one: "mailinglists".
fn halves<'a>(
    word: &'a str,
    language: Language,
    known: &BTreeMap<String, u32>,
) -> Option<(&'a str, &'a str)> {
    let is_known = |part: &str| part.chars().count() > 2 && known.contains_key(&words::stem(part, language));
    word.char_indices()
        .map(|(at, _)| word.split_at(at))
        .find(|(first, second)| is_known(first) && is_known(second))
}

impl Term {
    fn new(word: &str, language: Language) -> Self {
        let own = words::stem(word, language);
        let other = words::stem(word, language.other());
        let mut loose: Vec<(String, f32)> =
            lists::synonyms(&own, language).iter().map(|stem| (stem.clone(), LOOSE_WEIGHT)).collect();
        if language == Language::Indonesian {
            loose.extend(colloquial_stems(word).into_iter().map(|stem| (stem, MENDED_WEIGHT)));
        }
        let mut forms = vec![own, other];
        forms.dedup();
        loose.retain(|(stem, _)| !forms.contains(stem));
        // A lone digit is a small quantity or chat spelling ("how 2 pay", "buat 6 orang"), hardly ever the subject.
        let digit = word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit());
        let weight = if digit { FUNCTION_WEIGHT } else { 1.0 };
        Self { word: word.to_owned(), forms, loose, weight, mended: false }
    }

    /// All forms with what each counts.
    pub fn all(&self) -> impl Iterator<Item = (&str, f32)> {
        let own = if self.mended { MENDED_WEIGHT } else { 1.0 };
        let forms = self.forms.iter().map(move |form| (form.as_str(), own));
        forms.chain(self.loose.iter().map(|(form, weight)| (form.as_str(), *weight)))
    }
}

/// Stems of colloquial verbs: "ngirim", "nyimpen", "nulis", "masang", "bayarin", "ngebenerin". Most guesses are no
/// words at all; those do no harm, because no passage holds them.
fn colloquial_stems(word: &str) -> Vec<String> {
    let vowel = |rest: &str| rest.starts_with(['a', 'i', 'u', 'e', 'o']);
    let mut bare = vec![word.to_owned()];
    for suffix in ["in", "innya", "nya", "an", "kan"] {
        bare.extend(word.strip_suffix(suffix).filter(|rest| rest.len() > 3).map(str::to_owned));
    }
    let mut guesses: Vec<String> = bare[1..].to_vec();
    for word in &bare {
        let mut guess = |start: &str, rest: &str| guesses.push(format!("{start}{rest}"));
        if let Some(rest) = word.strip_prefix("nge") {
            guess("", rest);
        } else if let Some(rest) = word.strip_prefix("ng").filter(|rest| vowel(rest)) {
            guess("", rest);
            guess("k", rest);
        } else if let Some(rest) = word.strip_prefix("ng") {
            guess("", rest);
        } else if let Some(rest) = word.strip_prefix("ny") {
            guess("s", rest);
            guess("c", rest);
        } else if let Some(rest) = word.strip_prefix('n') {
            guess("t", rest);
            guess("", rest);
        } else if let Some(rest) = word.strip_prefix('m').filter(|rest| vowel(rest)) {
            guess("p", rest);
        } else if let Some(rest) = word.strip_prefix("ke") {
            guess("", rest);
        }
    }
    let mut stems: Vec<String> = guesses
        .into_iter()
        .filter(|guess| guess.chars().count() > 3)
        .map(|guess| words::stem(&guess, Language::Indonesian))
        .collect();
    stems.sort();
    stems.dedup();
    stems
}

/// What an answer must contain, by the words of the question.
fn expectation(words: &[String], language: Language) -> Option<Expectation> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let pair = |one: &str, two: &[&str]| {
        words.windows(2).any(|both| both[0] == one && two.contains(&both[1].as_str()))
    };
    match language {
        Language::Indonesian => {
            let asks = has(&["berapa", "berapakah", "berapaan"]);
            if has(&["telepon", "whatsapp", "wa"]) && (has(&["nomor"]) || asks) {
                Some(Expectation::Phone)
            } else if has(&["surel", "email"]) && has(&["alamat", "apa"]) {
                Some(Expectation::Email)
            } else if pair("jam", &["buka", "tutup", "operasional", "kerja", "berapa", "praktik"]) {
                Some(Expectation::Hours)
            } else if asks
                && has(&["harga", "harganya", "biaya", "biayanya", "tarif", "tarifnya", "ongkos", "bayar"])
            {
                Some(Expectation::Price)
            } else if asks {
                Some(Expectation::Number)
            } else {
                None
            }
        }
        Language::English => {
            if pair("phone", &["number"]) || pair("telephone", &["number"]) || pair("whatsapp", &["number"]) {
                Some(Expectation::Phone)
            } else if pair("email", &["address"]) || pair("mail", &["address"]) {
                Some(Expectation::Email)
            } else if pair("opening", &["hours", "times"]) || pair("what", &["time"]) {
                Some(Expectation::Hours)
            } else if pair("how", &["much"]) && !has(&["time", "space", "memory", "disk"])
                || has(&["price", "cost", "costs", "fee"]) && has(&["what", "whats"])
            {
                Some(Expectation::Price)
            } else if pair("how", &["many"]) {
                Some(Expectation::Number)
            } else {
                None
            }
        }
    }
}

/// Terms for questions made of function words alone: "where are you?", "berapaan kak?".
fn implied(words: &[String], expects: Option<Expectation>, language: Language) -> Vec<Term> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let subjects: &[&str] = match (language, expects) {
        (Language::Indonesian, Some(Expectation::Price | Expectation::Number)) => &["harga"],
        (Language::English, Some(Expectation::Price)) => &["price"],
        (Language::Indonesian, _) if has(&["dimana", "mana", "kemana"]) => &["alamat", "lokasi"],
        (Language::English, _) if has(&["where", "wheres"]) => &["address", "location"],
        (Language::English, _) if has(&["when"]) => &["open", "hours"],
        (Language::Indonesian, _) if has(&["kapan"]) => &["buka", "jam"],
        _ => &[],
    };
    subjects.iter().map(|word| Term::new(word, language)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(question: &str) -> Vec<String> {
        let terms = Query::new(question, None).terms.into_iter();
        terms.filter(|term| term.weight == 1.0).map(|term| term.word).collect()
    }

    fn frequency(words: &[(&str, u32)]) -> HashMap<String, u32> {
        words.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect()
    }

    #[test]
    fn only_content_words_remain() {
        assert_eq!(words("Gimana sih cara bayarnya kak?"), ["bayarnya"]);
        assert_eq!(words("Could you please tell me how I can return the grinder?"), ["return", "grinder"]);
    }

    #[test]
    fn forms_hold_the_stems_of_both_languages_and_synonyms() {
        let query = Query::new("berapa harga packages", None);
        let forms = query.forms();
        assert!(forms.contains(&"harga") && forms.contains(&"biaya"));
        assert!(forms.contains(&"packag"), "the English stem of an English word in an Indonesian question");
    }

    #[test]
    fn colloquial_verbs_reach_their_roots() {
        for (word, root) in [
            ("ngirimin", "kirim"),
            ("nyapu", "sapu"),
            ("nulis", "tulis"),
            ("masangin", "pasang"),
            ("bayarin", "bayar"),
        ] {
            let query = Query::new(&format!("gimana {word} kak"), Some(Language::Indonesian));
            assert!(query.forms().contains(&root), "{word}: {:?}", query.forms());
        }
    }

    #[test]
    fn unknown_words_are_mended_and_known_ones_left() {
        let known = frequency(&[("kirim", 4), ("pasang", 2)]);
        let mut query = Query::new("cara pasng kirim", Some(Language::Indonesian));
        assert_eq!(query.unknown(&known), ["pasng"]);
        let similar = [("pasang".to_owned(), 2), ("kirim".to_owned(), 4)].into();
        query.repair(&known, &similar);
        assert_eq!(query.terms[0].forms, ["pasang"]);
        assert!(query.terms[0].mended && !query.terms[1].mended);
        assert!(query.unknown(&known).is_empty());
    }

    #[test]
    fn the_question_says_what_an_answer_must_contain() {
        for (question, expects) in [
            ("berapa harga espresso?", Some(Expectation::Price)),
            ("brp orang yang muat?", Some(Expectation::Number)),
            ("jam buka nya?", Some(Expectation::Hours)),
            ("nomor telepon klinik", Some(Expectation::Phone)),
            ("how much is the cleaning", Some(Expectation::Price)),
            ("how many packages are there", Some(Expectation::Number)),
            ("what is your phone number", Some(Expectation::Phone)),
            ("how do I install it", None),
        ] {
            assert_eq!(Query::new(question, None).expects, expects, "{question}");
        }
    }

    #[test]
    fn questions_of_function_words_find_what_they_mean() {
        assert_eq!(words("dimana kak?"), ["alamat", "lokasi"]);
        assert_eq!(words("where are you?"), ["address", "location"]);
        assert!(words("ok").is_empty());
    }
}
