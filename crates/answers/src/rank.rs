//! Orders the passages that the store has found, best first.
//!
//! The store finds candidates cheaply and roughly; here every candidate is read: how rare the words are that it
//! holds (BM25 over title and text), how many of the question's words it covers, how close together they stand, and,
//! where there are embeddings, how near its meaning is. The result does not depend on the order of the candidates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    passages::Kind,
    query::{Query, Term},
};

/// How many candidates the store should offer.
pub const CANDIDATES: usize = 80;
/// How many places in passages are looked at for them.
const LOOKED_AT: u32 = 20_000;
/// How many passages an answer is made from.
pub const TOP: usize = 5;

/// What the ranking needs to know about all passages of an organisation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// How many passages there are.
    pub passages: u32,
    /// How many words a passage's text has on average; 0 where unknown.
    pub average_words: f32,
    /// In how many passages each stem occurs; a stem that is absent occurs in none.
    pub frequency: HashMap<String, u32>,
}

impl Statistics {
    /// How much a stem tells: near 0 for one in every passage, the highest for one in none.
    pub fn rarity(&self, stem: &str) -> f32 {
        self.rarity_of(self.frequency.get(stem).copied().unwrap_or(0))
    }

    fn rarity_of(&self, passages: u32) -> f32 {
        let (all, with) = (self.passages.max(SMALL_WORLD) as f32, passages as f32);
        (1.0 + (all - with).max(0.0) / (with + 0.5)).ln()
    }

    /// The rarity of a term: of its own forms taken together, so that a rare spelling variant does not outshine it. A
    /// function word that no passage holds is no rare subject: nobody asked for it.
    pub fn weight(&self, term: &Term) -> f32 {
        let with: u32 = term.forms.iter().map(|form| self.frequency.get(form).copied().unwrap_or(0)).sum();
        if with == 0 && term.weight < 1.0 { 0.0 } else { term.weight * self.rarity_of(with) }
    }

    /// What passages are looked for by: the stems of a question that any passage holds, the rarest first, each with what
    /// it weighs in thousandths. Once the rarest of them lead to [`LOOKED_AT`] passages the others no longer count: they
    /// stand nearly everywhere.
    pub fn wanted<'q>(&self, query: &'q Query) -> Vec<(&'q str, i64)> {
        let mut weights = BTreeMap::new();
        for term in &query.terms {
            let weight = self.weight(term);
            for (form, share) in term.all() {
                let weight = (weight * share * 1_000.0) as i64;
                let heaviest = weights.entry(form).or_insert(weight);
                *heaviest = weight.max(*heaviest);
            }
        }
        let mut held: Vec<(u32, &str, i64)> = weights
            .into_iter()
            .filter_map(|(form, weight)| Some((*self.frequency.get(form)?, form, weight)))
            .collect();
        held.sort_unstable();
        let mut looked_at = 0;
        let is_worth_it = |(with, ..): &(u32, &str, i64)| {
            let before = looked_at;
            looked_at += with;
            before < LOOKED_AT
        };
        held.into_iter().take_while(is_worth_it).map(|(_, form, weight)| (form, weight)).collect()
    }
}

/// A passage that the store has found.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Part of a document, or a question–answer pair.
    pub kind: Kind,
    /// The indexed titles ([`Passage::title_stems`](crate::passages::Passage::title_stems)).
    pub title_stems: &'a str,
    /// The indexed text ([`Passage::text_stems`](crate::passages::Passage::text_stems)).
    pub text_stems: &'a str,
    /// Cosine similarity of question and passage, where both are embedded.
    pub similarity: Option<f32>,
}

/// A candidate with what was found in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Its place in the list of candidates.
    pub index: usize,
    /// What the order goes by; comparable within one question only.
    pub score: f32,
    /// From 0 to 1: the share of the question's meaning (rarer words mean more) that titles and text hold.
    pub coverage: f32,
    /// From 0 to 1: the same for the innermost title, counted both ways: a title that says more than the question
    /// matches less. 1 is a title that is the question.
    pub title_match: f32,
    /// Cosine similarity, where embeddings were given.
    pub similarity: Option<f32>,
}

/// An organisation with a handful of passages still speaks of a world of this many: otherwise a word that its only
/// passage holds would mean nothing, because it is in every passage.
const SMALL_WORLD: u32 = 40;
/// Term saturation of BM25.
const SATURATION: f32 = 1.2;
/// Length normalisation of BM25.
const LENGTH: f32 = 0.4;
/// What the innermost title counts in words of text, and the titles above it.
const TITLE: f32 = 3.0;
const UPPER_TITLES: f32 = 0.8;
/// What a full match of the innermost title adds to the score, and of a pair's question.
const TITLE_BONUS: f32 = 1.0;
const PAIR_BONUS: f32 = 1.2;
/// What words standing together as in the question add at most.
const PROXIMITY_BONUS: f32 = 0.35;
/// Two words of the question within so many words of the text stand together.
const NEAR: usize = 6;

/// Orders candidates, best first, and keeps the best [`TOP`].
pub fn rank(query: &Query, statistics: &Statistics, candidates: &[Candidate<'_>]) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| judge(query, statistics, index, candidate))
        .collect();
    if ranked.iter().any(|one| one.similarity.is_some()) {
        fuse(&mut ranked);
    }
    ranked.sort_by(|one, two| {
        let by_text = || candidates[one.index].text_stems.cmp(candidates[two.index].text_stems);
        two.score.total_cmp(&one.score).then_with(by_text)
    });
    ranked.truncate(TOP);
    ranked
}

fn judge(query: &Query, statistics: &Statistics, index: usize, candidate: &Candidate<'_>) -> Ranked {
    let text: Vec<&str> = candidate.text_stems.split(' ').filter(|stem| !stem.is_empty()).collect();
    let mut titles = candidate.title_stems.split('|');
    let title: Vec<&str> =
        titles.next().unwrap_or_default().split(' ').filter(|stem| !stem.is_empty()).collect();
    let upper: Vec<&str> =
        titles.flat_map(|title| title.split(' ')).filter(|stem| !stem.is_empty()).collect();
    let average = if statistics.average_words > 0.0 { statistics.average_words } else { 100.0 };
    let length = 1.0 - LENGTH + LENGTH * text.len() as f32 / average;

    let (mut relevance, mut held, mut held_in_title, mut total) = (0.0, 0.0, 0.0, 0.0);
    for term in &query.terms {
        let weight = statistics.weight(term);
        let in_text = count(&text, term);
        let in_title = best(&title, term);
        let in_upper = best(&upper, term);
        let frequency = in_text / length + in_title * TITLE + in_upper * UPPER_TITLES;
        relevance += weight * frequency * (SATURATION + 1.0) / (frequency + SATURATION);
        held += weight * best(&text, term).max(in_title).max(in_upper);
        held_in_title += weight * in_title;
        total += weight;
    }
    let coverage = if total > 0.0 { held / total } else { 0.0 };
    let title_match = title_match(&title, query, statistics, held_in_title, total);
    let bonus = if candidate.kind == Kind::Pair { PAIR_BONUS } else { TITLE_BONUS };
    let together = proximity(query, &title).max(proximity(query, &text));
    let score =
        relevance * (0.4 + 0.6 * coverage) * (1.0 + bonus * title_match) * (1.0 + PROXIMITY_BONUS * together);
    Ranked { index, score, coverage, title_match, similarity: candidate.similarity }
}

/// How often a term's forms occur, each with what it counts.
fn count(words: &[&str], term: &Term) -> f32 {
    words.iter().filter_map(|word| term.all().find(|(form, _)| form == word)).map(|(_, weight)| weight).sum()
}

/// What the best form of a term that occurs counts; 0 if none occurs.
fn best(words: &[&str], term: &Term) -> f32 {
    term.all().filter(|(form, _)| words.contains(form)).map(|(_, weight)| weight).fold(0.0, f32::max)
}

/// What a function word counts in the comparison of a question with a title.
const FUNCTION: f32 = 0.6;

/// Meaning shared by question and title, of the meaning in both (the Dice coefficient with rarity as weight): once of
/// the content words alone, once with the function words, so that the same question in the same words is a full match.
fn title_match(title: &[&str], query: &Query, statistics: &Statistics, shared: f32, question: f32) -> f32 {
    if query.terms.is_empty() {
        return 0.0;
    }
    // The number of a section says nothing; a number that was asked for does.
    let says =
        |stem: &&str| !stem.bytes().all(|b| b.is_ascii_digit()) || statistics.frequency.contains_key(*stem);
    let words: BTreeSet<&str> = title.iter().copied().filter(says).collect();
    let (function, content): (Vec<&str>, Vec<&str>) =
        words.into_iter().partition(|stem| is_function_word(stem));
    // Frequencies are known for the question's words only; other words of the title are taken for ordinary ones.
    let rarity = |stem: &&str| match statistics.frequency.get(*stem) {
        Some(passages) => statistics.rarity_of(*passages),
        None => statistics.rarity_of(statistics.passages / ORDINARY),
    };
    let meaning: f32 = content.iter().map(rarity).sum();
    let dice = |shared: f32, sum: f32| if sum > 0.0 { (2.0 * shared / sum).min(1.0) } else { 0.0 };
    let both = function.iter().filter(|stem| query.function_stems.iter().any(|asked| asked == *stem)).count();
    let (both, function) = (FUNCTION * both as f32, FUNCTION * function.len() as f32);
    dice(shared, meaning + question).max(dice(shared + both, meaning + function + question + both))
}

/// An ordinary word is in one of so many passages.
const ORDINARY: u32 = 80;

fn is_function_word(stem: &str) -> bool {
    crate::Language::ALL.iter().any(|language| crate::words::lists::is_stop(stem, *language))
}

/// The share of neighbouring terms of the question that stand near each other in the text.
fn proximity(query: &Query, words: &[&str]) -> f32 {
    if query.terms.len() < 2 {
        return 0.0;
    }
    let places: Vec<Vec<usize>> = query
        .terms
        .iter()
        .map(|term| {
            let held = |word: &&str| term.all().any(|(form, _)| form == *word);
            words.iter().enumerate().filter(|(_, word)| held(word)).map(|(at, _)| at).collect()
        })
        .collect();
    let near = places
        .windows(2)
        .filter(|both| {
            both[0].iter().any(|one| both[1].iter().any(|two| one != two && one.abs_diff(*two) <= NEAR))
        })
        .count();
    near as f32 / (query.terms.len() - 1) as f32
}

/// Mixes the order by words with the order by meaning, each brought to the range 0 to 1 over the candidates. Words
/// count by the square of what the best candidate covers of the question: where hardly a word is found, meaning decides.
fn fuse(ranked: &mut [Ranked]) {
    let best = ranked.iter().max_by(|one, two| one.score.total_cmp(&two.score));
    let (most, covered) = best.map_or((0.0, 0.0), |best| (best.score, best.coverage));
    let similarities = || ranked.iter().filter_map(|one| one.similarity);
    let (low, high) = (similarities().fold(1.0, f32::min), similarities().fold(-1.0, f32::max));
    let span = (high - low).max(f32::MIN_POSITIVE);
    for one in ranked {
        let meaning = one.similarity.map_or(0.0, |similarity| (similarity - low) / span);
        one.score = covered * covered * one.score / most.max(f32::MIN_POSITIVE) + meaning;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Language,
        passages::{Passage, cut, sections},
    };

    fn corpus() -> Vec<Passage> {
        let text = "# Pengiriman\nKami mengirim pesanan setiap hari kerja. Ongkos kirim ke Bandung Rp15.000.\n\
                    # Pembayaran\nPembayaran dengan transfer bank atau QRIS. Harga sudah termasuk pajak.\n\
                    # Retur\nBarang rusak dapat dikembalikan dalam tujuh hari.\n";
        let mut passages = cut(&sections("Panduan toko", text), Some(Language::Indonesian));
        passages.push(Passage::pair("Berapa ongkir ke Surabaya?", "Rp20.000 dengan kurir reguler.", 0, None));
        passages
    }

    fn statistics(passages: &[Passage]) -> Statistics {
        let mut frequency = HashMap::new();
        for passage in passages {
            let held = format!("{} {}", passage.title_stems(), passage.text_stems());
            for stem in crate::words::distinct(&held) {
                *frequency.entry(stem.to_owned()).or_insert(0) += 1;
            }
        }
        Statistics { passages: passages.len() as u32, average_words: 12.0, frequency }
    }

    fn best_for(question: &str) -> String {
        let passages = corpus();
        let stems: Vec<_> =
            passages.iter().map(|passage| (passage.title_stems(), passage.text_stems())).collect();
        let candidates: Vec<_> = passages
            .iter()
            .zip(&stems)
            .map(|(passage, (title, text))| Candidate {
                kind: passage.kind,
                title_stems: title,
                text_stems: text,
                similarity: None,
            })
            .collect();
        let query = Query::new(question, None);
        let ranked = rank(&query, &statistics(&passages), &candidates);
        passages[ranked[0].index].title_path()
    }

    #[test]
    fn inflected_questions_find_their_passage() {
        assert_eq!(best_for("kapan dikirim?"), "Panduan toko › Pengiriman");
        assert_eq!(best_for("brp ongkos kirimnya ke bandung"), "Panduan toko › Pengiriman");
        assert_eq!(best_for("bisa byr pake qris ga"), "Panduan toko › Pembayaran");
        assert_eq!(best_for("pengembalian barang"), "Panduan toko › Retur");
        assert_eq!(best_for("ongkir ke surabaya?"), "Berapa ongkir ke Surabaya?");
    }

    #[test]
    fn a_rarer_word_tells_more() {
        let statistics = statistics(&corpus());
        assert!(statistics.rarity("surabaya") > statistics.rarity("kirim"));
        assert!(statistics.rarity("unheard") > statistics.rarity("surabaya"));
    }

    #[test]
    fn looked_for_is_what_is_rare_until_that_leads_to_enough() {
        let query = Query::new("pengiriman paket surabaya", Some(Language::Indonesian));
        let wanted = |kirim: u32, surabaya: u32| {
            let frequency = HashMap::from([("kirim".to_owned(), kirim), ("surabaya".to_owned(), surabaya)]);
            let statistics = Statistics { passages: 100_000, average_words: 12.0, frequency };
            statistics
                .wanted(&query)
                .into_iter()
                .map(|(stem, weight)| (stem.to_owned(), weight))
                .collect::<Vec<_>>()
        };
        let both = wanted(900, 3);
        assert_eq!(both.iter().map(|(stem, _)| stem.as_str()).collect::<Vec<_>>(), ["surabaya", "kirim"]);
        assert!(both[0].1 > both[1].1, "{both:?}");
        // No passage holds "paket"; and once the rarest lead to enough passages, the others are left out.
        assert_eq!(wanted(50_000, LOOKED_AT).len(), 1);
        assert_eq!(wanted(50_000, LOOKED_AT - 1).len(), 2);
    }

    #[test]
    fn meaning_lifts_a_passage_that_shares_no_word() {
        let query = Query::new("gimana balikin duit", Some(Language::Indonesian));
        let with = |similarity| Candidate {
            kind: Kind::Text,
            title_stems: "retur",
            text_stems: "barang rusak",
            similarity: Some(similarity),
        };
        let ranked = rank(&query, &Statistics::default(), &[with(0.1), with(0.8)]);
        assert_eq!(ranked[0].index, 1);
    }

    proptest! {
        #[test]
        fn the_order_of_candidates_does_not_matter(texts in prop::collection::vec("[a-c]( [a-c]){0,5}", 1..8)) {
            let query = Query::new("aa bb cc", Some(Language::English));
            let build = |texts: &[String]| {
                let candidates: Vec<_> = texts.iter().map(|text| Candidate {
                    kind: Kind::Text, title_stems: "", text_stems: text, similarity: None,
                }).collect();
                rank(&query, &Statistics::default(), &candidates)
                    .into_iter().map(|one| (texts[one.index].clone(), one.score.to_bits())).collect::<Vec<_>>()
            };
            let reversed: Vec<_> = texts.iter().rev().cloned().collect();
            prop_assert_eq!(build(&texts), build(&reversed));
        }

        #[test]
        fn shares_stay_between_nothing_and_everything(
            question in "\\PC{0,60}", title in "[a-z ]{0,30}", text in "[a-z ]{0,90}"
        ) {
            let query = Query::new(&question, None);
            let candidate = Candidate { kind: Kind::Text, title_stems: &title, text_stems: &text, similarity: None };
            for one in rank(&query, &Statistics::default(), &[candidate]) {
                prop_assert!((0.0..=1.0001).contains(&one.coverage));
                prop_assert!((0.0..=1.0001).contains(&one.title_match));
                prop_assert!(one.score.is_finite());
            }
        }
    }
}
