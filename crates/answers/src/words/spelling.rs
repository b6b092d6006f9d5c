//! Spelling repair against the words that an organisation's passages really use.

use std::collections::BTreeMap;

/// How far a mended word may lie from the written one, in edits (insert, drop, replace, swap neighbours):
/// none for words up to three letters, one up to six, two beyond. Words with digits are never mended.
pub fn reach(stem: &str) -> usize {
    if stem.bytes().any(|b| b.is_ascii_digit()) {
        return 0;
    }
    match stem.chars().count() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// The lengths, in characters, of the known stems that may mend these unknown ones: near ones, and the halves of two
/// words written as one. `None` where there is nothing to mend.
pub fn lengths(unknown: &[&str]) -> Option<std::ops::RangeInclusive<usize>> {
    let longest = unknown.iter().map(|stem| stem.chars().count() + reach(stem)).max()?;
    Some(3..=longest)
}

/// The number of edits from one word to the other, swapping two neighbours counted once; `None` beyond `limit`.
pub fn distance(one: &str, two: &str, limit: usize) -> Option<usize> {
    let one: Vec<char> = one.chars().collect();
    let two: Vec<char> = two.chars().collect();
    if one.len().abs_diff(two.len()) > limit {
        return None;
    }
    let width = two.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for i in 1..=one.len() {
        let mut row = vec![i; width];
        for j in 1..width {
            let same = one[i - 1] == two[j - 1];
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + usize::from(!same));
            if i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        if row.iter().all(|edits| *edits > limit) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    Some(last[two.len()]).filter(|edits| *edits <= limit)
}

/// The stems among `known` (with the number of passages that hold them) that `written` most likely means, best
/// first, at most `limit`: fewest edits, then the same first letter, then the more frequent.
pub fn nearest<'a>(written: &str, known: &'a BTreeMap<String, u32>, limit: usize) -> Vec<&'a str> {
    let reach = reach(written);
    if reach == 0 {
        return Vec::new();
    }
    let first = written.chars().next();
    let mut found: Vec<_> = known
        .iter()
        .filter(|(stem, _)| stem.chars().count() > 2)
        .filter_map(|(stem, passages)| {
            let edits = distance(written, stem, reach)?;
            Some((edits, stem.chars().next() != first, u32::MAX - passages, stem.as_str()))
        })
        .collect();
    found.sort_unstable();
    let closest = found.first().map(|best| best.0);
    found.into_iter().filter(|near| Some(near.0) == closest).take(limit).map(|near| near.3).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known(words: &[(&str, u32)]) -> BTreeMap<String, u32> {
        words.iter().map(|(word, passages)| ((*word).to_owned(), *passages)).collect()
    }

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(distance("pasagn", "pasang", 1), Some(1));
        assert_eq!(distance("kirim", "krim", 1), Some(1));
        assert_eq!(distance("kirim", "bayar", 2), None);
        assert_eq!(distance("", "", 0), Some(0));
    }

    #[test]
    fn the_nearest_word_wins_then_the_more_frequent() {
        let known = known(&[("instal", 4), ("install", 1), ("instan", 9), ("kirim", 3)]);
        assert_eq!(nearest("instsal", &known, 1), ["instal"]);
        assert_eq!(nearest("insta", &known, 2), ["instan", "instal"]);
        assert!(nearest("abc", &known, 3).is_empty(), "short words are never mended");
        assert!(nearest("a1b2c3d4", &known, 3).is_empty(), "codes are never mended");
    }

    proptest! {
        #[test]
        fn distance_is_symmetric_and_zero_only_for_equals(one in "[a-d]{0,8}", two in "[a-d]{0,8}") {
            prop_assert_eq!(distance(&one, &two, 8), distance(&two, &one, 8));
            prop_assert_eq!(distance(&one, &two, 8) == Some(0), one == two);
        }

        #[test]
        fn one_random_edit_is_within_reach(word in "[a-z]{4,12}", at in 0_usize..12) {
            let at = at % word.len();
            let mut edited = word.clone();
            edited.remove(at);
            prop_assert_eq!(distance(&word, &edited, 1), Some(1));
        }
    }
}
