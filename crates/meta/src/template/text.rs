//! Texts and their gaps.

use super::flaw::Wrong;
use crate::limits::template::WORDS_PER_GAP;

/// The gaps of a text, `{{1}}` or `{{first_name}}`, in their order, each once.
pub fn gaps(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for gap in Gaps(text) {
        if !names.contains(&gap.name) {
            names.push(gap.name);
        }
    }
    names
}

/// A gap as it stands in a text.
struct Gap<'a> {
    name: &'a str,
    before: &'a str,
    after: &'a str,
}

/// The gaps of a text, each with what stands between the one before and it.
struct Gaps<'a>(&'a str);

impl<'a> Iterator for Gaps<'a> {
    type Item = Gap<'a>;

    fn next(&mut self) -> Option<Gap<'a>> {
        let (before, rest) = self.0.split_once("{{")?;
        let (name, after) = rest.split_once("}}")?;
        self.0 = after;
        Some(Gap { name: name.trim(), before, after })
    }
}

/// What is wrong with the gaps of a text: where they stand and what they are called.
pub(super) fn wrong_gaps(text: &str, named: bool) -> Option<Wrong> {
    let all: Vec<Gap<'_>> = Gaps(text).collect();
    let (first, last) = (all.first()?, all.last()?);
    let names = gaps(text);
    let is_named = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let in_turn = || names.iter().enumerate().all(|(at, name)| *name == (at + 1).to_string());
    let words = text.split_whitespace().count();
    let least = WORDS_PER_GAP * all.len() + 1;
    if named && !names.iter().all(is_named) {
        Some(Wrong::GapName)
    } else if !named && !in_turn() {
        Some(Wrong::GapNumbers)
    } else if first.before.trim().is_empty() || last.after.trim().is_empty() {
        Some(Wrong::GapAtEdge)
    } else if all.iter().skip(1).any(|gap| gap.before.trim().is_empty()) {
        Some(Wrong::GapsTouch)
    } else if words < least {
        Some(Wrong::FewWords { least })
    } else {
        None
    }
}

/// Whether a text holds a line break or what WhatsApp shows bold, slanted, struck out or in type.
pub(super) fn is_formatted(text: &str) -> bool {
    let pair = |sign: char| {
        let mut parts = text.split(sign);
        let opened = parts.next().is_some_and(|before| before.is_empty() || before.ends_with(' '));
        opened && parts.next().is_some_and(|inside| !inside.trim().is_empty()) && parts.next().is_some()
    };
    text.contains(['\n', '\r', '\t']) || text.contains("```") || ['*', '_', '~'].into_iter().any(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_found_in_their_order_each_once() {
        assert_eq!(gaps("Hi {{1}}, {{ 2 }} and {{1}}."), ["1", "2"]);
        assert_eq!(gaps("Hi {{first_name}}"), ["first_name"]);
        assert!(gaps("no {{ end").is_empty());
    }

    #[test]
    fn gaps_stand_in_turn_apart_and_within_enough_words() {
        assert_eq!(wrong_gaps("Hello {{1}}, order {{2}} is ready.", false), None);
        assert_eq!(wrong_gaps("Hello {{2}}, order {{1}} is ready.", false), Some(Wrong::GapNumbers));
        assert_eq!(wrong_gaps("Hello {{name}}, welcome back.", false), Some(Wrong::GapNumbers));
        assert_eq!(wrong_gaps("Hello {{name}}, welcome back.", true), None);
        assert_eq!(wrong_gaps("Hello {{Name1}}, welcome back.", true), Some(Wrong::GapName));
        assert_eq!(wrong_gaps("{{1}} is ready for you.", false), Some(Wrong::GapAtEdge));
        assert_eq!(wrong_gaps("We wait for you, {{1}} ", false), Some(Wrong::GapAtEdge));
        assert_eq!(wrong_gaps("Hello {{1}} {{2}}, good to see you.", false), Some(Wrong::GapsTouch));
        assert_eq!(wrong_gaps("Hi {{1}}!", false), Some(Wrong::FewWords { least: 3 }));
    }

    #[test]
    fn plain_words_are_told_from_formatted_ones() {
        for plain in ["2 * 3 = 6", "snake_case_name here", "Order {{1}}", "about ~5 kg"] {
            assert!(!is_formatted(plain), "{plain}");
        }
        for formatted in ["*bold*", "an _italic_ word", "a ~struck~ one", "two\nlines", "```code```"] {
            assert!(is_formatted(formatted), "{formatted}");
        }
    }
}
